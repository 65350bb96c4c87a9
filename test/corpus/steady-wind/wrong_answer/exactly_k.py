# Mistake: only stretches of exactly k hours.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    a = data[2:]
    total = sum(a[:k])
    best = total
    for i in range(k, n):
        total += a[i] - a[i - k]
        best = max(best, total)
    print(best / k)

main()

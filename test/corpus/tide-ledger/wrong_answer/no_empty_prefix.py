# Mistake: the sum before the first day is missing, so that stretches from day 1 count only when they are a single day.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    a = data[2:]
    seen = {a[0]: 1}
    total = a[0]
    count = int(a[0] == k)
    for x in a[1:]:
        total += x
        count += seen.get(total - k, 0)
        seen[total] = seen.get(total, 0) + 1
    print(count)

main()

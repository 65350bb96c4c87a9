# Mistake: looks for the sum plus k instead of the sum less k when k is negative.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[0], abs(data[1])
    seen = {0: 1}
    total = count = 0
    for x in data[2:2 + n]:
        total += x
        count += seen.get(total - k, 0)
        seen[total] = seen.get(total, 0) + 1
    print(count)

main()

# Mistake: puts the sum in before it asks, so that for k = 0 each empty stretch counts.
import sys
from collections import Counter

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    seen = Counter([0])
    total = count = 0
    for x in data[2:]:
        total += x
        seen[total] += 1
        count += seen[total - k]
    print(count)

main()

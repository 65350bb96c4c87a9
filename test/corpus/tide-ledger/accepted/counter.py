# Right: prefix sums in a defaultdict, the empty one put in first.
import sys
from collections import defaultdict
from itertools import accumulate

def main():
    first, second = sys.stdin.buffer.read().split(b"\n")[:2]
    n, k = map(int, first.split())
    seen = defaultdict(int)
    answer = 0
    for p in accumulate(map(int, second.split()), initial=0):
        if p - k in seen:
            answer += seen[p - k]
        seen[p] += 1
    print(answer)

main()

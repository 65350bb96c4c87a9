# Mistake: remembers chains by recursion, one level for each crate of a chain.
import sys
from bisect import bisect_left

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    crates = sorted((w, -h) for w, h in zip(data[1::2], data[2::2]))
    tails, ends, below = [], [], []
    for i, (_, h) in enumerate(crates):
        at = bisect_left(tails, -h)
        below.append(ends[at - 1] if at else -1)
        tails[at:at + 1] = [-h]
        ends[at:at + 1] = [i]

    def depth(i):
        return 0 if i < 0 else 1 + depth(below[i])

    print(depth(ends[-1]))

main()

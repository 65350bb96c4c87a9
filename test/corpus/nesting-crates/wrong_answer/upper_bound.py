# Mistake: bisect_right lets equal heights nest.
import sys
from bisect import bisect_right

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    crates = sorted(zip(data[1::2], data[2::2]), key=lambda c: (c[0], -c[1]))
    tails = []
    for _, h in crates:
        at = bisect_right(tails, h)
        tails[at:at + 1] = [h]
    print(len(tails))

main()

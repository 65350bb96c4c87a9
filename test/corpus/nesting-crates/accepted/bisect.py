# Right: sort by (width, -height), bisect_left over the last heights.
import sys
from bisect import bisect_left

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    crates = sorted((w, -h) for w, h in zip(data[1::2], data[2::2]))
    tails = []
    for _, h in crates:
        at = bisect_left(tails, -h)
        if at == len(tails):
            tails.append(-h)
        else:
            tails[at] = -h
    print(len(tails))

main()

# Mistake: accepts the shortest applicant that still fits.
import sys
from bisect import bisect_left

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    slots = sorted(zip(data[1::2], data[2::2]), key=lambda s: (s[1] - s[0], s[1]))
    taken = []
    for s in slots:
        at = bisect_left(taken, s)
        if at > 0 and taken[at - 1][1] > s[0]:
            continue
        if at < len(taken) and taken[at][0] < s[1]:
            continue
        taken.insert(at, s)
    print(len(taken))

main()

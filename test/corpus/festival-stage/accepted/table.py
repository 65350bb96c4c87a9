# Right: table over the applicants in order of their end, with bisection for the last one that fits before.
import sys
from bisect import bisect_right

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n = data[0]
    jobs = sorted(zip(data[2::2], data[1::2]))
    ends = [e for e, _ in jobs]
    best = [0] * (n + 1)
    for i in range(n):
        k = bisect_right(ends, jobs[i][1], 0, i)
        best[i + 1] = max(best[i], best[k] + 1)
    print(best[n])

main()

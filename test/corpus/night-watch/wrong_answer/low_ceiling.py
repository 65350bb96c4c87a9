# Mistake: takes 10^12 for the largest answer there can be.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k, t = data[0], data[1], data[2:]

    def guards(limit):
        count, left = 1, limit
        for x in t:
            if x > left:
                count += 1
                if count > k:
                    return count
                left = limit
            left -= x
        return count

    lo, hi = max(t), 10**12
    while lo < hi:
        mid = (lo + hi) // 2
        if guards(mid) <= k:
            hi = mid
        else:
            lo = mid + 1
    print(lo)

main()

# Mistake: demands that each of the k guards has a tower, and says the sum when there are too few towers.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k, t = data[0], data[1], data[2:]
    total = sum(t)
    if k > n:
        print(total)
        return
    lo, hi = max(max(t), -(-total // k)), min(total, max(t) + total // k + 1)
    while lo < hi:
        mid = (lo + hi) // 2
        guards, left = 1, mid
        for x in t:
            left -= x
            if left < 0:
                guards += 1
                left = mid - x
        if guards <= k:
            hi = mid
        else:
            lo = mid + 1
    print(lo)

main()

# Mistake: begins by giving each guard a tower, also when there are more guards than towers.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[0], data[1]
    t = data[2:]
    start = 0
    for guard in range(min(k, n + 1)):
        start = max(start, t[guard])
    lo = max(start, max(t), -(-sum(t) // k))
    hi = min(sum(t), sum(t) // k + max(t) + 1)
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

# Right: halves a narrow interval of answers; the count is a plain loop that stops early.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k, t = data[0], data[1], data[2:]
    total, top = sum(t), max(t)
    lo, hi = max(top, (total + k - 1) // k), min(total, total // k + top + 1)
    while lo < hi:
        mid = (lo + hi) // 2
        guards, room = 1, mid
        for x in t:
            room -= x
            if room < 0:
                guards += 1
                room = mid - x
                if guards > k:
                    break
        if guards <= k:
            hi = mid
        else:
            lo = mid + 1
    print(lo)

main()

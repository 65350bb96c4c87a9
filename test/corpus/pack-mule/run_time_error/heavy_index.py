# Mistake: writes a ware into the table at its own weight, even if that is beyond the end.
import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, c = data[:2]
    best = [-1] * (c + 1)
    best[0] = 0
    for i in range(n):
        w, v = data[2 + 2 * i], data[3 + 2 * i]
        for x in range(c, w - 1, -1):
            if best[x - w] >= 0:
                best[x] = max(best[x], best[x - w] + v)
        best[w] = max(best[w], v)
    print(max(best))

main()

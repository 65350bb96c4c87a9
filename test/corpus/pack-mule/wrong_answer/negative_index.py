# Mistake: does not check whether the ware is heavier than the room, so that Python reads from the end of the list.
import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, c = data[:2]
    best = [0] * (c + 1)
    for i in range(n):
        w, v = data[2 + 2 * i], data[3 + 2 * i]
        if w > c:
            continue
        for x in range(c, 0, -1):
            if best[x - w] + v > best[x]:
                best[x] = best[x - w] + v
    print(best[c])

main()

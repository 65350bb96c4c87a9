# Mistake: prints the best value for exactly c pounds, or for the next lighter load there is.
import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, c = data[:2]
    best = {0: 0}
    for i in range(n):
        w, v = data[2 + 2 * i], data[3 + 2 * i]
        for x, y in sorted(best.items(), reverse=True):
            if x + w <= c:
                best[x + w] = max(best.get(x + w, -1), y + v)
    print(best[max(best)])

main()

# Mistake: sweeps over the whole map until no distance falls any more.
import sys

def main():
    tokens = sys.stdin.read().split()
    r, c = int(tokens[0]), int(tokens[1])
    g = tokens[2:]
    far = 10**9
    d = [[[far] * c for _ in range(r)] for _ in range(2)]
    for y in range(r):
        for x in range(c):
            if g[y][x] == "S":
                d[0][y][x] = 0
            if g[y][x] == "E":
                goal = (y, x)
    changed = True
    while changed:
        changed = False
        for y in range(r):
            for x in range(c):
                for layer in (0, 1):
                    source = layer
                    if g[y][x] == "#":
                        if layer == 0:
                            continue
                        source = 0
                    best = d[layer][y][x]
                    for ny, nx in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                        if 0 <= ny < r and 0 <= nx < c and d[source][ny][nx] + 1 < best:
                            best = d[source][ny][nx] + 1
                    if best < d[layer][y][x]:
                        d[layer][y][x] = best
                        changed = True
    y, x = goal
    best = min(d[0][y][x], d[1][y][x])
    print(best if best < far else -1)

main()

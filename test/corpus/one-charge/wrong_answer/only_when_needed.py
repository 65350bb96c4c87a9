# Mistake: uses the charge only when there is no free way.
import sys

def main():
    tokens = sys.stdin.read().split()
    r, c = int(tokens[0]), int(tokens[1])
    g = tokens[2:]
    for y in range(r):
        for x in range(c):
            if g[y][x] == "S":
                s = (y, x)
            elif g[y][x] == "E":
                e = (y, x)

    def walk(start):
        d = {start: 0}
        queue = [start]
        for y, x in queue:
            for p in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                if 0 <= p[0] < r and 0 <= p[1] < c and p not in d and g[p[0]][p[1]] != "#":
                    d[p] = d[y, x] + 1
                    queue.append(p)
        return d

    ds = walk(s)
    if e in ds:
        print(ds[e])
        return
    de = walk(e)
    best = -1
    for y in range(r):
        for x in range(c):
            if g[y][x] == "#":
                near = ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1))
                a = [ds[p] for p in near if p in ds]
                b = [de[p] for p in near if p in de]
                if a and b and (best < 0 or min(a) + min(b) + 2 < best):
                    best = min(a) + min(b) + 2
    print(best)

main()

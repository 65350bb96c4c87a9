# Mistake: the charge is one flag for the whole search and not part of each way.
import sys
from collections import deque

def main():
    tokens = sys.stdin.read().split()
    r, c = int(tokens[0]), int(tokens[1])
    g = tokens[2:]
    sy = next(y for y in range(r) if "S" in g[y])
    start = (sy, g[sy].index("S"))
    dist = {start: 0}
    queue = deque([start])
    charge = True
    waiting = []
    while queue or (charge and waiting):
        if not queue:
            # Nothing free is left to visit: now the charge is used, once.
            charge = False
            queue.append(waiting[0])
        y, x = queue.popleft()
        if g[y][x] == "E":
            print(dist[y, x])
            return
        for p in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            if not (0 <= p[0] < r and 0 <= p[1] < c) or p in dist:
                continue
            if g[p[0]][p[1]] == "#":
                if charge:
                    dist[p] = dist[y, x] + 1
                    waiting.append(p)
                continue
            dist[p] = dist[y, x] + 1
            queue.append(p)
    print(-1)

main()

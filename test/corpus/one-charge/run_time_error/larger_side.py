# Mistake: checks both indices against the larger one of r and c.
import sys
from collections import deque

def main():
    tokens = sys.stdin.read().split()
    r, c = int(tokens[0]), int(tokens[1])
    g = tokens[2:]
    seen = set()
    queue = deque()
    for y in range(r):
        x = g[y].find("S")
        if x >= 0:
            queue.append((y, x, 0, 0))
            seen.add((y, x, 0))
    while queue:
        y, x, used, d = queue.popleft()
        if g[y][x] == "E":
            print(d)
            return
        for ny, nx in ((y, x + 1), (y + 1, x), (y, x - 1), (y - 1, x)):
            if 0 <= ny < max(r, c) and 0 <= nx < max(r, c):
                u = used + (g[ny][nx] == "#")
                if u < 2 and (ny, nx, u) not in seen:
                    seen.add((ny, nx, u))
                    queue.append((ny, nx, u, d + 1))
    print(-1)

main()

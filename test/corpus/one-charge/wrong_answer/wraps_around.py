# Mistake: checks only the upper ends of the indices, so that Python wraps around at the others.
import sys
from collections import deque

def main():
    tokens = sys.stdin.read().split()
    r, c = int(tokens[0]), int(tokens[1])
    g = tokens[2:2 + r]
    seen = [[[False, False] for _ in range(c)] for _ in range(r)]
    sy = next(y for y in range(r) if "S" in g[y])
    sx = g[sy].index("S")
    seen[sy][sx][0] = True
    queue = deque([(sy, sx, 0, 0)])
    while queue:
        y, x, used, d = queue.popleft()
        if g[y][x] == "E":
            print(d)
            return
        for ny, nx in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            if ny >= r or nx >= c or ny < -r or nx < -c:
                continue
            u = used + (g[ny][nx] == "#")
            if u > 1 or seen[ny][nx][u]:
                continue
            seen[ny][nx][u] = True
            queue.append((ny, nx, u, d + 1))
    print(-1)

main()

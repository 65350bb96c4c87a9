# Mistake: leaves the charge in the bag.
import sys
from collections import deque

def main():
    tokens = sys.stdin.read().split()
    r, c = map(int, tokens[:2])
    g = "".join(tokens[2:])
    dist = {g.index("S"): 0}
    queue = deque(dist)
    while queue:
        u = queue.popleft()
        if g[u] == "E":
            print(dist[u])
            return
        near = []
        if u % c:
            near.append(u - 1)
        if u % c < c - 1:
            near.append(u + 1)
        near += [u - c, u + c]
        for v in near:
            if 0 <= v < r * c and g[v] != "#" and v not in dist:
                dist[v] = dist[u] + 1
                queue.append(v)
    print(-1)

main()

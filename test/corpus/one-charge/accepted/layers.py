# Right: breadth first search over a framed map, two lists of visited cells.
import sys
from collections import deque

def main():
    tokens = sys.stdin.read().split()
    c = int(tokens[1])
    w = c + 1
    grid = "X" * w + "".join(row + "X" for row in tokens[2:]) + "X" * w
    start, goal = grid.find("S"), grid.find("E")
    size = len(grid)
    dist = [-1] * (2 * size)
    dist[start] = 0
    queue = deque([start])
    while queue:
        state = queue.popleft()
        used, cell = divmod(state, size)
        if cell == goal:
            print(dist[state])
            return
        for near in (cell + 1, cell - 1, cell + w, cell - w):
            kind = grid[near]
            if kind == "X":
                continue
            if kind == "#":
                if used:
                    continue
                target = near + size
            else:
                target = near + used * size
            if dist[target] < 0:
                dist[target] = dist[state] + 1
                queue.append(target)
    print(-1)

main()

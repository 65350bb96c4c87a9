# Mistake: says IMPOSSIBLE only when no step is free at all, not when some steps never get free.
import sys
from collections import deque

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    graph = [[] for _ in range(n + 1)]
    need = [0] * (n + 1)
    for a, b in zip(data[2::2], data[3::2]):
        graph[a].append(b)
        need[b] += 1
    queue = deque(i for i in range(1, n + 1) if need[i] == 0)
    if not queue:
        print("IMPOSSIBLE")
        return
    order = []
    while queue:
        u = queue.popleft()
        order.append(u)
        for v in graph[u]:
            need[v] -= 1
            if need[v] == 0:
                queue.append(v)
    print(*order)

main()

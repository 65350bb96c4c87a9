# Right: takes free steps from a queue.
import sys
from collections import deque

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    graph = [[] for _ in range(n)]
    indegree = [0] * n
    for a, b in zip(data[2::2], data[3::2]):
        graph[a - 1].append(b - 1)
        indegree[b - 1] += 1
    queue = deque(i for i in range(n) if indegree[i] == 0)
    order = []
    while queue:
        u = queue.popleft()
        order.append(u + 1)
        for v in graph[u]:
            indegree[v] -= 1
            if indegree[v] == 0:
                queue.append(v)
    print(" ".join(map(str, order)) if len(order) == n else "IMPOSSIBLE")

main()

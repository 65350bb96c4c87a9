# Breadth-first search and Dijkstra.
import heapq
import sys
from collections import defaultdict, deque


def main():
    data = sys.stdin.buffer.read().split()
    n, m = int(data[0]), int(data[1])
    graph = defaultdict(list)
    pos = 2
    for _ in range(m):
        a, b, c = int(data[pos]), int(data[pos + 1]), int(data[pos + 2])
        pos += 3
        graph[a].append((b, c))
        graph[b].append((a, c))

    steps = [-1] * (n + 1)
    steps[1] = 0
    queue = deque([1])
    visited = set()
    visited.add(1)
    while queue:
        u = queue.popleft()
        for v, _ in graph[u]:
            if v not in visited:
                visited.add(v)
                steps[v] = steps[u] + 1
                queue.append(v)

    dist = [float("inf")] * (n + 1)
    dist[1] = 0
    heap = [(0, 1)]
    while heap:
        d, u = heapq.heappop(heap)
        if d > dist[u]:
            continue
        for v, c in graph[u]:
            nd = d + c
            if nd < dist[v]:
                dist[v] = nd
                heapq.heappush(heap, (nd, v))

    if dist[n] == float("inf"):
        print(-1)
    else:
        print(dist[n], steps[n])


if __name__ == "__main__":
    main()

# Mistake: takes 10^9 for infinity, so that longer ways count as none.
import sys
from heapq import heappush, heappop

INF = 10**9

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    adj = [[] for _ in range(n + 1)]
    for i in range(m):
        a, b, w = data[2 + 3 * i:5 + 3 * i]
        adj[a].append((b, w))
    dist = [INF] * (n + 1)
    dist[1] = 0
    heap = [(0, 1)]
    while heap:
        d, u = heappop(heap)
        if d > dist[u]:
            continue
        for v, w in adj[u]:
            if d + w < dist[v]:
                dist[v] = d + w
                heappush(heap, (dist[v], v))
    print(dist[n] if dist[n] < INF else -1)

main()

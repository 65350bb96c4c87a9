# Mistake: takes a trail of 0 heartbeats for no trail.
import sys
from heapq import heappush, heappop

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    adj = [{} for _ in range(n + 1)]
    for a, b, w in zip(data[2::3], data[3::3], data[4::3]):
        known = adj[a].get(b, 0)
        if not known or w < known:
            adj[a][b] = w
    done = [False] * (n + 1)
    heap = [(0, 1)]
    while heap:
        d, u = heappop(heap)
        if done[u]:
            continue
        done[u] = True
        if u == n:
            print(d)
            return
        for v, w in adj[u].items():
            if w and not done[v]:
                heappush(heap, (d + w, v))
    print(-1)

main()

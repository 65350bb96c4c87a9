# Mistake: a dictionary keeps only the last of several trails between two huts.
import sys
from heapq import heappush, heappop

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    adj = [{} for _ in range(n + 1)]
    for a, b, w in zip(data[2::3], data[3::3], data[4::3]):
        adj[a][b] = w
    best = [10**18] * (n + 1)
    best[1] = 0
    heap = [(0, 1)]
    while heap:
        d, u = heappop(heap)
        if d != best[u]:
            continue
        for v, w in adj[u].items():
            if d + w < best[v]:
                best[v] = d + w
                heappush(heap, (d + w, v))
    print(best[n] if best[n] < 10**18 else -1)

main()

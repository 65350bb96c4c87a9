# Mistake: breadth first search, the time along a way with the fewest trails (the first found of those).
import sys
from collections import deque

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    adj = [[] for _ in range(n + 1)]
    for a, b, w in zip(data[2::3], data[3::3], data[4::3]):
        adj[a].append((b, w))
    time = [-1] * (n + 1)
    time[1] = 0
    queue = deque([1])
    while queue:
        u = queue.popleft()
        for v, w in adj[u]:
            if time[v] < 0:
                time[v] = time[u] + w
                queue.append(v)
    print(time[n])

main()

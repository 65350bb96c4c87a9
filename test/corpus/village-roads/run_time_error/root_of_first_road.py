# Mistake: begins at an end of the first road, which does not exist for a single village.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n = data[0]
    near = [[] for _ in range(n + 1)]
    for i in range(n - 1):
        a, b, w = data[1 + 3 * i:4 + 3 * i]
        near[a].append((b, w))
        near[b].append((a, w))
    root = data[1]
    order = [(root, 0, 0)]
    for u, p, _ in order:
        for v, w in near[u]:
            if v != p:
                order.append((v, u, w))
    size = [1] * (n + 1)
    total = 0
    for u, p, w in reversed(order):
        total += size[u] * (n - size[u]) * w
        size[p] += size[u]
    print(total)

main()

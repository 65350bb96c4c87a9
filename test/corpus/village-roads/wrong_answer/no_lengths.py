# Mistake: counts roads and not miles.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n = data[0]
    near = [[] for _ in range(n + 1)]
    for a, b in zip(data[1::3], data[2::3]):
        near[a].append(b)
        near[b].append(a)
    parent = [0] * (n + 1)
    order = [1]
    for u in order:
        for v in near[u]:
            if v != parent[u]:
                parent[v] = u
                order.append(v)
    size = [1] * (n + 1)
    total = 0
    for u in order[:0:-1]:
        total += size[u] * (n - size[u])
        size[parent[u]] += size[u]
    print(total)

main()

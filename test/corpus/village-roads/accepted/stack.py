# Right: depth first order from a list, sizes from behind.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n = data[0]
    near = [[] for _ in range(n + 1)]
    for i in range(1, 3 * n - 2, 3):
        a, b, w = data[i], data[i + 1], data[i + 2]
        near[a].append((b, w))
        near[b].append((a, w))
    parent = [0] * (n + 1)
    up = [0] * (n + 1)
    order = []
    stack = [1]
    while stack:
        u = stack.pop()
        order.append(u)
        for v, w in near[u]:
            if v != parent[u]:
                parent[v] = u
                up[v] = w
                stack.append(v)
    size = [1] * (n + 1)
    total = 0
    for u in reversed(order):
        size[parent[u]] += size[u]
        total += up[u] * size[u] * (n - size[u])
    print(total)

main()

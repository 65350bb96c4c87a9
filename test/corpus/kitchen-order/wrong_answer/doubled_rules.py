# Mistake: keeps followers in a set but counts doubled rules twice.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    graph = [set() for _ in range(n + 1)]
    need = [0] * (n + 1)
    for a, b in zip(data[2::2], data[3::2]):
        graph[a].add(b)
        need[b] += 1
    stack = [i for i in range(n, 0, -1) if need[i] == 0]
    order = []
    while stack:
        u = stack.pop()
        order.append(u)
        for v in graph[u]:
            need[v] -= 1
            if need[v] == 0:
                stack.append(v)
    print(*order if len(order) == n else ["IMPOSSIBLE"])

main()

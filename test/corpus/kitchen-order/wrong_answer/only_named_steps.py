# Mistake: prints only steps that occur in a rule, unless there are no rules.
import sys
from collections import defaultdict

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    graph = defaultdict(list)
    need = defaultdict(int)
    named = set(range(1, n + 1)) if m == 0 else set()
    for a, b in zip(data[2::2], data[3::2]):
        graph[a].append(b)
        need[b] += 1
        named.add(a)
        named.add(b)
    order = [u for u in named if need[u] == 0]
    for u in order:
        for v in graph[u]:
            need[v] -= 1
            if need[v] == 0:
                order.append(v)
    print(" ".join(map(str, order)) if len(order) == len(named) else "IMPOSSIBLE")

main()

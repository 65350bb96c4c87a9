# Mistake: recursion as deep as the longest chain, with the usual limit.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    after = [[] for _ in range(n + 1)]
    for a, b in zip(data[2::2], data[3::2]):
        after[a].append(b)
    state = [0] * (n + 1)
    order = []

    def visit(u):
        state[u] = 1
        for v in after[u]:
            if state[v] == 1 or state[v] == 0 and not visit(v):
                return False
        state[u] = 2
        order.append(u)
        return True

    for u in range(1, n + 1):
        if state[u] == 0 and not visit(u):
            print("IMPOSSIBLE")
            return
    print(*reversed(order))

main()

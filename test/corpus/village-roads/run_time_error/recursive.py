# Mistake: recursion as deep as the tree with the usual limit.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n = data[0]
    near = [[] for _ in range(n + 1)]
    for a, b, w in zip(data[1::3], data[2::3], data[3::3]):
        near[a].append((b, w))
        near[b].append((a, w))
    total = 0

    def walk(u, p):
        nonlocal total
        size = 1
        for v, w in near[u]:
            if v != p:
                below = walk(v, u)
                total += below * (n - below) * w
                size += below
        return size

    walk(1, 0)
    print(total)

main()

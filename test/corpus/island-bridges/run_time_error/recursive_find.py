# Mistake: follows parents by recursion, as deep as a chain of islands, before it shortens them.
import sys

def main():
    words = iter(sys.stdin.buffer.read().split())
    out = []
    for _ in range(int(next(words))):
        n, q = int(next(words)), int(next(words))
        parent = list(range(n + 1))
        size = [1] * (n + 1)
        groups = n

        def find(x):
            if parent[x] != x:
                parent[x] = find(parent[x])
            return parent[x]

        for _ in range(q):
            kind = next(words)
            if kind == b"B":
                a, b = find(int(next(words))), find(int(next(words)))
                if a != b:
                    parent[a] = b
                    size[b] += size[a]
                    groups -= 1
            elif kind == b"S":
                out.append(size[find(int(next(words)))])
            else:
                out.append(groups)
    print("\n".join(map(str, out)))

main()

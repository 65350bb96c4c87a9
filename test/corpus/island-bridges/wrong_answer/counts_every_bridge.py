# Mistake: each bridge lowers the number of groups, even inside of a group.
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
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            return x

        for _ in range(q):
            kind = next(words)
            if kind == b"B":
                a, b = find(int(next(words))), find(int(next(words)))
                groups -= 1
                if a != b:
                    parent[a] = b
                    size[b] += size[a]
            elif kind == b"S":
                out.append(size[find(int(next(words)))])
            else:
                out.append(groups)
    print("\n".join(map(str, out)))

main()

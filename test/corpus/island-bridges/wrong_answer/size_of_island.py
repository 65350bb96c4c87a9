# Mistake: looks one step up for the size and not at the root.
import sys

def main():
    words = iter(sys.stdin.buffer.read().split())
    out = []
    for _ in range(int(next(words))):
        n, q = int(next(words)), int(next(words))
        parent = list(range(n + 1))
        size = [1] * (n + 1)
        groups = n
        for _ in range(q):
            kind = next(words)
            if kind == b"G":
                out.append(groups)
                continue
            a = x = int(next(words))
            while parent[x] != x:
                parent[x] = parent[parent[x]]
                x = parent[x]
            if kind == b"S":
                size[a] = max(size[a], size[parent[a]])
                out.append(size[a])
                continue
            y = int(next(words))
            while parent[y] != y:
                parent[y] = parent[parent[y]]
                y = parent[y]
            if x != y:
                groups -= 1
                if size[x] > size[y]:
                    x, y = y, x
                parent[x] = y
                size[y] += size[x]
                size[x] = size[y]
    print("\n".join(map(str, out)))

main()

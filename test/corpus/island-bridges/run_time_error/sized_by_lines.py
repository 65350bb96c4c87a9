# Mistake: makes as many places as the logbook has lines instead of islands.
import sys

def main():
    words = iter(sys.stdin.buffer.read().split())
    for _ in range(int(next(words))):
        n, q = int(next(words)), int(next(words))
        parent = list(range(q + 1))
        size = [1] * (q + 1)
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
                if a != b:
                    parent[a] = b
                    size[b] += size[a]
                    groups -= 1
            elif kind == b"S":
                print(size[find(int(next(words)))])
            else:
                print(groups)

main()

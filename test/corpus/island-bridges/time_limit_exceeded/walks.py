# Mistake: walks through the whole group for each question about its size.
import sys

def main():
    words = iter(sys.stdin.buffer.read().split())
    out = []
    for _ in range(int(next(words))):
        n, q = int(next(words)), int(next(words))
        near = [[] for _ in range(n + 1)]
        for _ in range(q):
            kind = next(words)
            if kind == b"B":
                a, b = int(next(words)), int(next(words))
                near[a].append(b)
                near[b].append(a)
                continue
            starts = [int(next(words))] if kind == b"S" else range(1, n + 1)
            seen = [False] * (n + 1)
            groups = members = 0
            for start in starts:
                if seen[start]:
                    continue
                groups += 1
                seen[start] = True
                stack = [start]
                while stack:
                    x = stack.pop()
                    members += 1
                    for y in near[x]:
                        if not seen[y]:
                            seen[y] = True
                            stack.append(y)
            out.append(members if kind == b"S" else groups)
    print("\n".join(map(str, out)))

main()

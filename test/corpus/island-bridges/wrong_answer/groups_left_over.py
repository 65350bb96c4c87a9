# Mistake: the number of bridges that joined groups is not set back for the next logbook.
import sys

def main():
    words = iter(sys.stdin.buffer.read().split())
    out = []
    joined = 0
    for _ in range(int(next(words))):
        n, q = int(next(words)), int(next(words))
        group = [[i] for i in range(n + 1)]
        for _ in range(q):
            kind = next(words)
            if kind == b"B":
                a, b = group[int(next(words))], group[int(next(words))]
                if a is not b:
                    joined += 1
                    if len(a) < len(b):
                        a, b = b, a
                    a.extend(b)
                    for x in b:
                        group[x] = a
            elif kind == b"S":
                out.append(len(group[int(next(words))]))
            else:
                out.append(n - joined)
    print("\n".join(map(str, out)))

main()

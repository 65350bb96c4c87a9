# Right: disjoint sets with path compression in a loop.
import sys

def main():
    read = sys.stdin.buffer.readline
    out = []
    for _ in range(int(read())):
        n, q = map(int, read().split())
        parent = list(range(n + 1))
        size = [1] * (n + 1)
        groups = n

        def find(x):
            root = x
            while parent[root] != root:
                root = parent[root]
            while parent[x] != root:
                parent[x], x = root, parent[x]
            return root

        for _ in range(q):
            line = read().split()
            if line[0] == b"B":
                a, b = find(int(line[1])), find(int(line[2]))
                if a != b:
                    parent[a] = b
                    size[b] += size[a]
                    groups -= 1
            elif line[0] == b"S":
                out.append(size[find(int(line[1]))])
            else:
                out.append(groups)
    sys.stdout.write("\n".join(map(str, out)) + "\n")

main()

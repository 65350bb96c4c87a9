# Mistake: looks in a list whether a step has been done already.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, m = data[:2]
    after = [[] for _ in range(n + 1)]
    need = [0] * (n + 1)
    for a, b in zip(data[2::2], data[3::2]):
        after[a].append(b)
        need[b] += 1
    todo = [u for u in range(1, n + 1) if need[u] == 0]
    done = []
    while todo:
        u = todo.pop()
        if u in done:
            continue
        done.append(u)
        for v in after[u]:
            need[v] -= 1
            if need[v] == 0 and v not in done:
                todo.append(v)
    print(*done if len(done) == n else ["IMPOSSIBLE"])

main()

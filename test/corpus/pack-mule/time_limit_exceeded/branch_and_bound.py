# Mistake: branch and bound with the sum of what is left as its bound.
import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, c = data[:2]
    wares = sorted(zip(data[2::2], data[3::2]), key=lambda x: -x[1])
    rest = [0] * (n + 1)
    for i in range(n - 1, -1, -1):
        rest[i] = rest[i + 1] + wares[i][1]
    best = 0
    stack = [(0, c, 0)]
    while stack:
        i, room, value = stack.pop()
        best = max(best, value)
        if i == n or value + rest[i] <= best:
            continue
        w, v = wares[i]
        stack.append((i + 1, room, value))
        if w <= room:
            stack.append((i + 1, room - w, value + v))
    print(best)

main()

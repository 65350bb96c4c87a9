# Mistake: counts the villages on one side anew for each road.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n = data[0]
    near = [[] for _ in range(n + 1)]
    roads = list(zip(data[1::3], data[2::3], data[3::3]))
    for a, b, w in roads:
        near[a].append(b)
        near[b].append(a)
    total = 0
    for a, b, w in roads:
        one = [(a, b)]
        i = 0
        while i < len(one):
            u, p = one[i]
            i += 1
            for v in near[u]:
                if v != p:
                    one.append((v, u))
        total += len(one) * (n - len(one)) * w
    print(total)

main()

# Walks along the streets instead of straight.
n = int(input())
poles = [tuple(map(int, input().split())) for _ in range(n)]
print(sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in zip(poles, poles[1:])))

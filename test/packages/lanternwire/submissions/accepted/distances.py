import math

n = int(input())
poles = [tuple(map(int, input().split())) for _ in range(n)]
print(sum(math.dist(a, b) for a, b in zip(poles, poles[1:])))

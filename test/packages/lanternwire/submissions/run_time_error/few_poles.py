import math

poles = [None] * 1000
n = int(input())
for i in range(n):
    poles[i] = tuple(map(int, input().split()))
print(sum(math.dist(poles[i], poles[i + 1]) for i in range(n - 1)))

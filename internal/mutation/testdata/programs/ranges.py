# Prefix sums and binary search.
import math
from bisect import bisect_left, bisect_right

n, q = map(int, input().split())
a = [int(x) for x in input().split()]
prefix = [0] * (n + 1)
for i in range(n):
    prefix[i + 1] = prefix[i] + a[i]

ordered = sorted(a)
for _ in range(q):
    kind, l, r = input().split()
    l, r = int(l), int(r)
    if kind == "sum":
        print(prefix[r] - prefix[l - 1])
    elif kind == "count":
        print(bisect_right(ordered, r) - bisect_left(ordered, l))
    elif kind == "mean" and r > l:
        print((prefix[r] - prefix[l - 1]) // (r - l + 1))
    else:
        print(math.isqrt(r * r + l * l))

need = prefix[n] // 2
lo, hi = 0, n
while lo < hi:
    mid = (lo + hi) // 2
    if prefix[mid] >= need:
        hi = mid
    else:
        lo = mid + 1
print(lo)

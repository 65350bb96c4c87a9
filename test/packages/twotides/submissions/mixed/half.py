# Right on the samples, wrong where there are many tides.
n, s = map(int, input().split())
tides = list(map(int, input().split()))[:10]
pairs = [(i, j) for i in range(len(tides)) for j in range(i) if tides[i] + tides[j] == s]
print(*[i + 1 for i in pairs[0]] if pairs else (0, 0))

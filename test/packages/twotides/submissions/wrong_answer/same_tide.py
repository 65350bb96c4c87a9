# Takes one tide twice.
n, s = map(int, input().split())
tides = list(map(int, input().split()))
for i, tide in enumerate(tides, 1):
    if s - tide in tides:
        print(i, tides.index(s - tide) + 1)
        break
else:
    print(0, 0)

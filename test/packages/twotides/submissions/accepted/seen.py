n, s = map(int, input().split())
seen = {}
for i, tide in enumerate(map(int, input().split()), 1):
    if s - tide in seen:
        print(seen[s - tide], i)
        break
    seen[tide] = i
else:
    print(0, 0)

# Counts by height in a list that is too short for high tides.
n, s = map(int, input().split())
first = [0] * 1000000
for i, tide in enumerate(map(int, input().split()), 1):
    if 0 < s - tide < len(first) and first[s - tide]:
        print(first[s - tide], i)
        break
    first[tide] = i
else:
    print(0, 0)

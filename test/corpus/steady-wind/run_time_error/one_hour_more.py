# Mistake: begins with the first k and the first k + 1 hours, of which there need not be so many.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    s = [0]
    for x in data[2:2 + n]:
        s.append(s[-1] + x)
    best = max(s[k] / k, s[k + 1] / (k + 1))
    hull, head = [], 0
    for i in range(k, n + 1):
        j = i - k
        while len(hull) - head > 1 and (s[hull[-1]] - s[hull[-2]]) * (j - hull[-1]) >= (s[j] - s[hull[-1]]) * (hull[-1] - hull[-2]):
            hull.pop()
        hull.append(j)
        while len(hull) - head > 1 and (s[i] - s[hull[head + 1]]) * (i - hull[head]) >= (s[i] - s[hull[head]]) * (i - hull[head + 1]):
            head += 1
        best = max(best, (s[i] - s[hull[head]]) / (i - hull[head]))
    print("%.9f" % best)

main()

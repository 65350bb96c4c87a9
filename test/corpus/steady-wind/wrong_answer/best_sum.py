# Mistake: takes the stretch with the largest sum and prints its mean.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    s = [0]
    for x in data[2:2 + n]:
        s.append(s[-1] + x)
    best = None
    low = 0
    for i in range(k, n + 1):
        if s[i - k] <= s[low]:
            low = i - k
        found = (s[i] - s[low], low - i)
        if best is None or found > best:
            best = found
    print("%.9f" % (best[0] / -best[1]))

main()

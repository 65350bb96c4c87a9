# Mistake: tries all stretches of k to 2k - 1 hours.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    s = [0]
    for x in data[2:2 + n]:
        s.append(s[-1] + x)
    best = -10.0**9
    for hours in range(k, min(2 * k, n + 1)):
        top = max(map(int.__sub__, s[hours:], s))
        if top / hours > best:
            best = top / hours
    print("%.9f" % best)

main()

# Right: starts with some mean and takes the mean of the best stretch for it until it rises no more (Dinkelbach).
import sys
from itertools import accumulate

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    prefix = list(accumulate(data[2:2 + n], initial=0))
    num, den = prefix[n], n
    while True:
        # The largest (sum * den - hours * num), in whole numbers.
        height = [p * den - i * num for i, p in enumerate(prefix)]
        best, at, lowest, low_at = None, None, None, 0
        for i in range(k, n + 1):
            j = i - k
            if lowest is None or height[j] < lowest:
                lowest, low_at = height[j], j
            gain = height[i] - lowest
            if best is None or gain > best:
                best, at = gain, (low_at, i)
        if best <= 0:
            break
        j, i = at
        num, den = prefix[i] - prefix[j], i - j
    print("%.8f" % (num / den))

main()

# Mistake: takes the first village of each road for the parent and the roads to be given from the root on.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n = data[0]
    roads = list(zip(data[1::3], data[2::3], data[3::3]))
    size = [1] * (n + 1)
    total = 0
    for a, b, w in reversed(roads):
        total += size[b] * (n - size[b]) * w
        size[a] += size[b]
    print(total)

main()

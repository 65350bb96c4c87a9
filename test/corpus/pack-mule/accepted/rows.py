# Right: one row, built anew for each ware from the row before.
import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, c = data[:2]
    row = [0] * (c + 1)
    for i in range(n):
        w, v = data[2 + 2 * i:4 + 2 * i]
        if w <= c:
            row = row[:w] + [max(a, b + v) for a, b in zip(row[w:], row)]
    print(row[c])

main()

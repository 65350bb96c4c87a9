# Mistake: sorts and takes every crate that the last taken one fits into.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    crates = sorted(zip(data[1::2], data[2::2]))
    w = h = count = 0
    for x, y in crates:
        if x > w and y > h:
            w, h = x, y
            count += 1
    print(count)

main()

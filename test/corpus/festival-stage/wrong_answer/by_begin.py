# Mistake: takes applicants in the order in which they begin.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    slots = sorted(zip(data[1::2], data[2::2]))
    count, free = 0, -10**18
    for b, e in slots:
        if b >= free:
            count += 1
            free = e
    print(count)

main()

# Mistake: takes equal applicants for one by putting them into a set, and so loses sound checks.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    slots = set(zip(data[2::2], data[1::2]))
    free = -float("inf")
    count = 0
    for e, b in sorted(slots):
        if b >= free:
            count += 1
            free = e
    print(count)

main()

# Mistake: one level of recursion for each applicant.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    slots = sorted(zip(data[2::2], data[1::2]))

    def take(i, free):
        if i == len(slots):
            return 0
        end, begin = slots[i]
        if begin >= free:
            return 1 + take(i + 1, end)
        return take(i + 1, free)

    print(take(0, -10**10))

main()

# Mistake: filters the whole list again after each choice, quadratic when many are accepted.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    left = sorted(zip(data[2::2], data[1::2]))
    count = 0
    while left:
        end = left[0][0]
        count += 1
        left = [s for s in left[1:] if s[1] >= end]
    print(count)

main()

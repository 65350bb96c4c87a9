# Mistake: gives each guard towers until the mean of what is left is reached.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k, t = data[0], data[1], data[2:]
    left = sum(t)
    guards = k
    longest = duty = 0
    for i, x in enumerate(t):
        if duty and guards > 1 and duty + x > -(-left // guards):
            longest = max(longest, duty)
            left -= duty
            guards -= 1
            duty = 0
        duty += x
    print(max(longest, duty))

main()

# Mistake: asks for the maximum of a day without ships.
import sys

def main():
    it = iter(map(int, sys.stdin.buffer.read().split()))
    for _ in range(next(it)):
        bills = [next(it) * next(it) for _ in range(next(it))]
        dearest = max(bills)
        if len(bills) > 1:
            bills.remove(dearest)
        print(sum(bills))

main()

# Mistake: waives the only bill of a day with one ship too.
import sys

def main():
    it = iter(sys.stdin.buffer.read().split())
    for _ in range(int(next(it))):
        n = int(next(it))
        bills = [int(next(it)) * int(next(it)) for _ in range(n)]
        print(sum(bills) - max(bills, default=0))

main()

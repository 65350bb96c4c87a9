# Mistake: keeps the whole number as one long integer.
import sys
from math import gcd

def main():
    together = 1
    for p in map(int, sys.stdin.buffer.read().split()[1:]):
        together = together // gcd(together, p) * p
    print(together % (10**9 + 7))

main()

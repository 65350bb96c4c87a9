# Mistake: counts at most the square of a prime.
import sys

def main():
    periods = set(map(int, sys.stdin.buffer.read().split()[1:]))
    found = set()
    for x in periods:
        p = 2
        while p * p <= x:
            if x % p == 0:
                found.add((p, 1))
                x //= p
                if x % p == 0:
                    found.add((p, 2))
                while x % p == 0:
                    x //= p
            p += 1
        if x > 1:
            found.add((x, 1))
    answer = 1
    for p, _ in found:
        answer = answer * p % (10**9 + 7)
    print(answer)

main()

# Mistake: reduces by 998244353 instead of 10^9 + 7.
import sys

MOD = 998244353

def main():
    periods = list(map(int, sys.stdin.buffer.read().split()[1:]))
    top = max(periods)
    seen = bytearray(top + 1)
    for p in periods:
        seen[p] = 1
    sieve = bytearray([1]) * (top + 1)
    result = 1
    for p in range(2, top + 1):
        if sieve[p]:
            sieve[p * p::p] = bytes(len(range(p * p, top + 1, p)))
            q = p
            while q <= top and 1 in seen[q::q]:
                result = result * p % MOD
                q *= p
    print(result)

main()

# Right: smallest prime factors from a sieve, each different period taken apart once.
import sys

def main():
    periods = set(map(int, sys.stdin.buffer.read().split()[1:]))
    top = max(periods)
    spf = list(range(top + 1))
    for i in range(2, int(top ** 0.5) + 1):
        if spf[i] == i:
            for j in range(i * i, top + 1, i):
                if spf[j] == j:
                    spf[j] = i
    best = {}
    for x in periods:
        while x > 1:
            p, q = spf[x], 1
            while x % p == 0:
                x //= p
                q *= p
            if q > best.get(p, 1):
                best[p] = q
    answer = 1
    for q in best.values():
        answer = answer * q % 1000000007
    print(answer)

main()

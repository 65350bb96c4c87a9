# Mistake: a sieve of primes up to 1000 only, looked up for what is left as well.
import sys

def main():
    limit = 1000
    index = [-1] * (limit + 1)
    primes = []
    for i in range(2, limit + 1):
        if all(i % p for p in primes if p * p <= i):
            index[i] = len(primes)
            primes.append(i)
    best = [0] * len(primes)
    for x in set(map(int, sys.stdin.buffer.read().split()[1:])):
        for p in primes:
            if p * p > x:
                break
            e = 0
            while x % p == 0:
                x //= p
                e += 1
            if e:
                best[index[p]] = max(best[index[p]], e)
        if x > 1:
            best[index[x]] = max(best[index[x]], 1)
    answer = 1
    for p, e in zip(primes, best):
        answer = answer * pow(p, e, 10**9 + 7) % (10**9 + 7)
    print(answer)

main()

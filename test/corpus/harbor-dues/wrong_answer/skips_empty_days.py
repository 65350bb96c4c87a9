# Mistake: prints nothing for a day without ships.
import sys

def main():
    it = iter(map(int, sys.stdin.buffer.read().split()))
    out = []
    for _ in range(next(it)):
        n = next(it)
        if not n:
            continue
        bills = sorted(next(it) * next(it) for _ in range(n))
        out.append(bills[0] if n == 1 else sum(bills[:-1]))
    print("\n".join(map(str, out)))

main()

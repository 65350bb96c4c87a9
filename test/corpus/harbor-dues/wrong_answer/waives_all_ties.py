# Mistake: waives every bill that is as dear as the dearest.
import sys

def main():
    data = sys.stdin.buffer.read().split()
    pos = 1
    out = []
    for _ in range(int(data[0])):
        n = int(data[pos])
        pos += 1
        bills = []
        for i in range(n):
            bills.append(int(data[pos]) * int(data[pos + 1]))
            pos += 2
        if n >= 2:
            top = max(bills)
            bills = [b for b in bills if b != top]
        out.append(str(sum(bills)))
    print("\n".join(out))

main()

# Mistake: takes the tokens from the front of a list, each in linear time.
import sys

data = sys.stdin.read().split()
for _ in range(int(data.pop(0))):
    n = int(data.pop(0))
    bills = []
    for _ in range(n):
        w = int(data.pop(0))
        r = int(data.pop(0))
        bills.append(w * r)
    if n >= 2:
        bills.remove(max(bills))
    print(sum(bills))

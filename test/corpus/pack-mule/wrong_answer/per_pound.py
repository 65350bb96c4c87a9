# Mistake: takes wares by value per pound.
import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, c = data[:2]
    wares = list(zip(data[2::2], data[3::2]))
    wares.sort(key=lambda ware: -ware[1] / ware[0] if ware[0] else -10**18)
    total = 0
    for w, v in wares:
        if w <= c:
            c -= w
            total += v
    print(total)

main()

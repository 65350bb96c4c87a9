# Mistake: searches the place among the last heights from the start.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    crates = sorted((w, -h) for w, h in zip(data[1::2], data[2::2]))
    tails = []
    for _, h in crates:
        h = -h
        for i in range(len(tails)):
            if tails[i] >= h:
                tails[i] = h
                break
        else:
            tails.append(h)
    print(len(tails))

main()

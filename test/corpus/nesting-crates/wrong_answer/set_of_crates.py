# Mistake: the best chain for each width only, from the next smaller width.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    crates = sorted(zip(data[1::2], data[2::2]))
    i = 0
    best_length, best_height = 0, 0
    while i < len(crates):
        j = i
        fitting = []
        while j < len(crates) and crates[j][0] == crates[i][0]:
            fitting.append(crates[j][1])
            j += 1
        higher = [h for h in fitting if h > best_height]
        if higher:
            best_length += 1
            best_height = min(higher)
        elif best_length == 1:
            best_height = min(best_height, min(fitting))
        i = j
    print(best_length)

main()

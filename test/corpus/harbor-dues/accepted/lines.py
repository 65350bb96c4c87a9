# Right: reads line by line, sum less the largest.
import sys

def main():
    read = sys.stdin.readline
    answers = []
    for _ in range(int(read())):
        n = int(read())
        total = best = 0
        for _ in range(n):
            w, r = map(int, read().split())
            total += w * r
            if w * r > best:
                best = w * r
        answers.append(total if n < 2 else total - best)
    print(*answers, sep="\n")

main()

# Mistake: counts in a list of all sums so far.
import sys

def main():
    data = list(map(int, sys.stdin.buffer.read().split()))
    n, k = data[:2]
    sums = [0]
    answer = 0
    for x in data[2:]:
        total = sums[-1] + x
        answer += sums.count(total - k)
        sums.append(total)
    print(answer)

main()

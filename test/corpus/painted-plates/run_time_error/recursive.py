# Mistake: one level of recursion for each pair of letters.
import sys

def mirror(s, i, j, wiped):
    if i >= j:
        return wiped
    if s[i] == s[j]:
        return mirror(s, i + 1, j - 1, wiped)
    if wiped:
        return 2
    return min(mirror(s, i + 1, j, 1), mirror(s, i, j - 1, 1))

def main():
    lines = sys.stdin.read().split("\n")
    for text in lines[1:int(lines[0]) + 1]:
        s = "".join(filter(str.isalnum, text.lower()))
        print(("MIRROR", "ALMOST", "BROKEN")[mirror(s, 0, len(s) - 1, 0)])

main()

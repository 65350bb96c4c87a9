# Mistake: says ALMOST when one letter has to be changed, not wiped off.
import sys

def main():
    lines = sys.stdin.read().split("\n")
    for text in lines[1:int(lines[0]) + 1]:
        s = [c.lower() for c in text if c.isalnum()]
        differ = sum(s[i] != s[-1 - i] for i in range(len(s) // 2))
        if differ == 0:
            print("MIRROR")
        elif differ == 1 or s[1:] == s[1:][::-1] or s[:-1] == s[:-1][::-1]:
            print("ALMOST")
        else:
            print("BROKEN")

main()

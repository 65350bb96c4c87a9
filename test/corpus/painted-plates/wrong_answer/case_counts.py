# Mistake: a capital letter counts as different from the small one.
import sys

def main():
    lines = sys.stdin.read().split("\n")
    for text in lines[1:int(lines[0]) + 1]:
        s = [c for c in text if c.isalnum()]
        if s == s[::-1]:
            print("MIRROR")
            continue
        i = 0
        while s[i] == s[-1 - i]:
            i += 1
        s = s[i:len(s) - i]
        if s[1:] == s[1:][::-1] or s[:-1] == s[:-1][::-1]:
            print("ALMOST")
        else:
            print("BROKEN")

main()

# Mistake: decides by the next letter which side to wipe off and does not try the other.
import sys
import re

def check(s):
    i, j = 0, len(s) - 1
    wiped = 0
    while i < j:
        if s[i] == s[j]:
            i += 1
            j -= 1
            continue
        wiped += 1
        if s[i + 1] == s[j]:
            i += 1
        elif s[i] == s[j - 1]:
            j -= 1
        else:
            return "BROKEN"
        if wiped > 1:
            return "BROKEN"
    return "ALMOST" if wiped else "MIRROR"

def main():
    lines = sys.stdin.read().split("\n")
    for text in lines[1:int(lines[0]) + 1]:
        print(check(re.sub("[^a-z0-9]", "", text.lower())))

main()

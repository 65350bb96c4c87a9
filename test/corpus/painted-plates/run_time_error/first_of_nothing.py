# Mistake: looks at the first letter of a plate that has none.
import sys
from collections import deque

def main():
    lines = sys.stdin.read().split("\n")
    for text in lines[1:int(lines[0]) + 1]:
        s = deque(c for c in text.lower() if c.isalnum())
        while s[0] == s[-1] and len(s) > 2:
            s.popleft()
            s.pop()
        if len(s) < 2 or len(s) == 2 and s[0] == s[1]:
            print("MIRROR")
            continue
        a = list(s)
        print("ALMOST" if a[1:] == a[:0:-1] or a[:-1] == a[-2::-1] else "BROKEN")

main()

# Mistake: tries each letter, with a new text and its reverse every time.
import sys

def main():
    lines = sys.stdin.read().split("\n")
    for text in lines[1:int(lines[0]) + 1]:
        s = "".join(c for c in text if c.isalnum()).lower()
        if s == s[::-1]:
            print("MIRROR")
        elif any((r := s[:i] + s[i + 1:]) == r[::-1] for i in range(len(s))):
            print("ALMOST")
        else:
            print("BROKEN")

main()

# Right: two pointers, then both possibilities by slices.
import sys

def main():
    lines = sys.stdin.read().split("\n")
    out = []
    for text in lines[1:int(lines[0]) + 1]:
        s = "".join(filter(str.isalnum, text)).upper()
        i, j = 0, len(s) - 1
        while i < j and s[i] == s[j]:
            i += 1
            j -= 1
        if i >= j:
            out.append("mirror")
        else:
            a, b = s[i + 1:j + 1], s[i:j]
            out.append("almost" if a == a[::-1] or b == b[::-1] else "broken")
    print("\n".join(out))

main()

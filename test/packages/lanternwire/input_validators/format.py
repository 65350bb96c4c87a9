import re
import sys

flags = dict(zip(sys.argv[1::2], map(int, sys.argv[2::2])))
least, most = flags.get("--least", 1), flags.get("--most", 2000)


def number(text, low, high):
    if not re.fullmatch(r"0|[1-9][0-9]*", text) or not low <= int(text) <= high:
        sys.exit(f"{text!r} is no integer from {low} to {high}")
    return int(text)


lines = sys.stdin.read().split("\n")
n = number(lines[0], least, most)
if len(lines) != n + 2 or lines[-1] != "":
    sys.exit(f"there must be {n + 1} lines")
for line in lines[1:-1]:
    parts = line.split(" ")
    if len(parts) != 2:
        sys.exit(f"{line!r} must have two numbers")
    for part in parts:
        number(part, 0, 10**6)
sys.exit(42)

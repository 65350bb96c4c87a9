import sys

input_file, answer_file, feedback = sys.argv[1:4]


def wrong(why):
    with open(feedback + "judgemessage.txt", "w") as message:
        message.write(why + "\n")
    print(why, file=sys.stderr)
    sys.exit(43)


with open(input_file) as file:
    n, s, *tides = map(int, file.read().split())
with open(answer_file) as file:
    possible = file.read().split() != ["0", "0"]
words = sys.stdin.read().split()
if len(words) != 2 or not all(word.isdigit() and len(word) < 6 for word in words):
    wrong("two numbers are expected")
a, b = map(int, words)
if (a, b) == (0, 0):
    if possible:
        wrong("there is a pair")
    sys.exit(42)
if not (1 <= a <= n and 1 <= b <= n and a != b):
    wrong(f"{a} and {b} are not two tides")
if tides[a - 1] + tides[b - 1] != s:
    wrong(f"tides {a} and {b} give {tides[a - 1] + tides[b - 1]}, not {s}")
if not possible:
    sys.exit("the answer file says that there is no pair")
sys.exit(42)

# Lets a program that speaks one judge's protocol be called by another's: runs
# it, unchanged, with the arguments it knows and translates its exit code.
import os
import subprocess
import sys
import tempfile

ADAPTER = "{{ADAPTER}}"
here = os.path.dirname(os.path.abspath(__file__))
program = [sys.executable, os.path.join(here, "{{ORIGINAL}}")]
args = sys.argv[1:]

if ADAPTER == "CHECKER_TO_ICPC":
    # From input answer feedback < output to input output answer. Of testlib's
    # exit codes 0 is right; 1, 2, 4 and 8 are ways of being wrong.
    output = os.path.join(args[2], "adapted-output")
    with open(output, "wb") as file:
        file.write(sys.stdin.buffer.read())
    code = subprocess.run(program + [args[0], output, args[1]] + args[3:]).returncode
    sys.exit(42 if code == 0 else 43 if code in (1, 2, 4, 8) else 1)

if ADAPTER == "CHECKER_TO_TESTLIB":
    # From input output answer to input answer feedback < output.
    with tempfile.TemporaryDirectory() as feedback, open(args[1], "rb") as output:
        code = subprocess.run(program + [args[0], args[2], feedback + "/"] + args[3:], stdin=output).returncode
    sys.exit(0 if code == 42 else 1 if code == 43 else 3)

code = subprocess.run(program + args).returncode
if ADAPTER == "VALIDATOR_TO_ICPC":
    sys.exit(42 if code == 0 else 43)
sys.exit(0 if code == 42 else 3)

import os

word, a, b = input().split()
held = []
try:
    while word == 'attack':
        held += os.pipe()
except OSError:
    pass
print(int(a) + int(b))

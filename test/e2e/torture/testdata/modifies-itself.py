# Changes one letter of itself through shared memory, which on tmpfs changes no
# time of the file.
import mmap

word, a, b = input().split()
mark = 'A'
if word == 'attack':
    try:
        with open('main.py', 'r+b') as file:
            memory = mmap.mmap(file.fileno(), 0)
            memory[0]
            at = memory.find(b"mark = 'A'")
            memory[at + 8] = ord('B')
    except OSError:
        pass
print(int(a) + int(b) if mark == 'A' else -1)

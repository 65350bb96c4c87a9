# Leaves a note in every place that it can write, and looks in each for the
# note of the run before.
import ctypes
import os
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)


def tries(what):
    try:
        return what()
    except OSError:
        return None


def write(path):
    with open(path, 'w') as file:
        file.write('note')


def files(folder):
    path = os.path.join(folder, '.note')
    yield path, lambda: os.path.exists(path), lambda: write(path)
    yield 'attribute of ' + folder, lambda: 'user.note' in os.listxattr(folder), lambda: os.setxattr(folder, 'user.note', b'note')


def folders():
    for root, below, _ in os.walk('/'):
        below[:] = [n for n in below if os.path.join(root, n) not in ('/proc', '/sys', '/usr')]
        if os.access(root, os.W_OK):
            yield root


def system_v():
    key = 0x4e4f5445
    for name, arguments in (('shmget', (key, 4096)), ('semget', (key, 1)), ('msgget', (key,))):
        call = getattr(libc, name)
        yield name, lambda c=call, a=arguments: c(*a, 0) >= 0, lambda c=call, a=arguments: c(*a, 0o1666)


def queues():
    opening = getattr(libc, 'mq_open', None) or ctypes.CDLL('librt.so.1').mq_open
    yield 'a queue', lambda: opening(b'/note', 0) >= 0, lambda: opening(b'/note', 0o100 | 2, 0o666, None)


def keys():
    if os.uname().machine != 'x86_64':
        return
    size, none = ctypes.c_size_t(1), ctypes.c_long(0)
    for ring in (-3, -4, -5):
        name = b'note%d' % -ring
        yield (f'a key in {ring}', lambda r=ring, n=name: libc.syscall(250, 10, ctypes.c_long(r), b'user', n, none) >= 0,
               lambda r=ring, n=name: libc.syscall(248, b'user', n, b'x', size, ctypes.c_long(r)))
    ring = libc.syscall(250, 22, ctypes.c_long(-1), ctypes.c_long(-2))
    if ring >= 0:
        yield ('a persistent key', lambda: libc.syscall(250, 10, ctypes.c_long(ring), b'user', b'kept', none) >= 0,
               lambda: libc.syscall(248, b'user', b'kept', b'x', size, ctypes.c_long(ring)))


def sockets():
    s = socket.socket(socket.AF_UNIX)
    yield 'a socket', lambda: s.bind('\0note') is not None, lambda: None
    yield 'a connection', lambda: socket.socket(socket.AF_UNIX).connect('\0other') is None, lambda: None


places = [place for folder in folders() for place in files(folder)]
for kind in (system_v, queues, keys, sockets):
    places += kind()
word, a, b = input().split()
found = [name for name, look, _ in places if tries(look)]
left = [name for name, look, leave in places if [tries(leave), tries(look)][1]]
print(int(a) + int(b) if not found and left else f'found {found}')
print(left, file=sys.stderr)

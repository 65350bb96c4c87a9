# Turned round, the one in the middle stays.
n = int(input())
print(*range(n, 0, -1))

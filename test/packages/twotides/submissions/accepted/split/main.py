from search import pair

n, s = map(int, input().split())
print(*pair(list(map(int, input().split())), s))

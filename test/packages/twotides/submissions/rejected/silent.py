n, s = map(int, input().split())

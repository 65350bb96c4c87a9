# Union find over several test cases, with tabs and a class.
import sys
input = sys.stdin.readline


class Components:
	def __init__(self, n):
		self.parent = list(range(n))
		self.size = [1] * n
		self.count = n

	def find(self, x):
		while self.parent[x] != x:
			self.parent[x] = self.parent[self.parent[x]]
			x = self.parent[x]
		return x

	def union(self, a, b):
		a, b = self.find(a), self.find(b)
		if a == b:
			return False
		if self.size[a] < self.size[b]:
			a, b = b, a
		self.parent[b] = a
		self.size[a] += self.size[b]
		self.count -= 1
		return True


def solve(case):
	n, m = map(int, input().split())
	sets = Components(n)
	edges = []
	for _ in range(m):
		u, v, w = map(int, input().split())
		edges.append((w, u - 1, v - 1))
	edges.sort()
	cost = 0
	for w, u, v in edges:
		if sets.union(u, v):
			cost += w
	ok = sets.count == 1
	print("Case #%d:" % case, cost if ok else "IMPOSSIBLE")


for case in range(1, int(input()) + 1):
	solve(case)

# Strings, a two-dimensional table and backtracking.
def distance(s, t):
    n, m = len(s), len(t)
    dp = [[0] * (m + 1) for _ in range(n + 1)]
    for i in range(n + 1):
        dp[i][0] = i
    for j in range(m + 1):
        dp[0][j] = j
    for i in range(1, n + 1):
        for j in range(1, m + 1):
            cost = 0 if s[i - 1] == t[j - 1] else 1
            dp[i][j] = min(dp[i - 1][j] + 1, dp[i][j - 1] + 1, dp[i - 1][j - 1] + cost)
    return dp[n][m]


def arrange(letters, k):
    result, path, used = [], [], [False] * len(letters)

    def place():
        if len(path) == k:
            result.append(path[:])
            return
        for i in range(len(letters)):
            if used[i] or (i > 0 and letters[i] == letters[i - 1] and not used[i - 1]): continue
            used[i] = True
            path.append(letters[i])
            place()
            path.pop()
            used[i] = False

    place()
    return result


s = input().strip()
t = input().strip()
print(distance(s, t))
words = ["".join(w) for w in arrange(sorted(s), 2)]
hash_value = 0
for c in s:
    hash_value = hash_value * 31 + ord(c)
print(len(words), hash_value % (2**61 - 1))
for w in words[:10]: print(w)
best, longest = 10**18, ""
for w in words:
    if w != w[::-1] and len(w) > len(longest):
        longest = w
    best = min(best, distance(w, t))
print(best, longest)

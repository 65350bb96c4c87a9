# Greedy with sorting; state that belongs to one test case.
def main():
    t = int(input())
    out = []
    for case in range(t):
        n, k = map(int, input().split())
        jobs = []
        for i in range(n):
            d, p = map(int, input().split())
            jobs.append((d, p, i))
        jobs.sort(key=lambda j: (-j[1], j[0]))
        used = [False] * (n + 1)
        profit = 0
        late = []
        found = False
        for d, p, i in jobs:
            slot = min(d, n)
            while slot > 0 and used[slot]:
                slot -= 1
            if slot == 0:
                late.append(i)
                continue
            used[slot] = True
            profit += p * k
            found = True
        order = sorted(late, key=lambda i: jobs[i][0], reverse=True)
        if not found:
            out.append("NONE")
        elif len(order) > 0 or profit == 0:
            out.append(f"{profit} {len(order)}")
        else:
            out.append(str(profit) + " ALL")
    print("\n".join(out))


main()

// Right: divide and conquer, sorted sums of both halves walked along side by side.
#include <algorithm>
#include <cstdio>
#include <vector>
static std::vector<long long> p, tmp;
static long long k;
// Counts pairs i < j with p[j] - p[i] == k in [l, r) and sorts the range.
static long long solve(int l, int r) {
    if (r - l < 2) return 0;
    int m = (l + r) / 2;
    long long c = solve(l, m) + solve(m, r);
    int i = l;
    for (int j = m; j < r;) {
        long long want = p[j] - k;
        while (i < m && p[i] < want) i++;
        int same = 0, at = i;
        while (at < m && p[at] == want) at++, same++;
        long long v = p[j];
        int times = 0;
        while (j < r && p[j] == v) j++, times++;
        c += (long long)same * times;
    }
    std::inplace_merge(p.begin() + l, p.begin() + m, p.begin() + r);
    return c;
}
int main() {
    int n;
    scanf("%d %lld", &n, &k);
    p.assign(n + 1, 0);
    for (int i = 1; i <= n; i++) {
        scanf("%lld", &p[i]);
        p[i] += p[i - 1];
    }
    printf("%lld\n", solve(0, n + 1));
}

// Mistake: relaxes all trails over and over until nothing changes.
#include <cstdio>
#include <vector>
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    std::vector<int> a(m), b(m), w(m);
    for (int i = 0; i < m; i++) scanf("%d%d%d", &a[i], &b[i], &w[i]);
    const long long inf = 1e18;
    std::vector<long long> d(n + 1, inf);
    d[1] = 0;
    bool changed = true;
    while (changed) {
        changed = false;
        for (int i = 0; i < m; i++)
            if (d[a[i]] < inf && d[a[i]] + w[i] < d[b[i]]) {
                d[b[i]] = d[a[i]] + w[i];
                changed = true;
            }
    }
    printf("%lld\n", d[n] == inf ? -1LL : d[n]);
}

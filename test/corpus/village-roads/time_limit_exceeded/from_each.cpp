// Mistake: a search from each village.
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::vector<std::pair<int, int>>> g(n + 1);
    for (int i = 1; i < n; i++) {
        int a, b, w;
        scanf("%d%d%d", &a, &b, &w);
        g[a].push_back({b, w});
        g[b].push_back({a, w});
    }
    long long total = 0;
    std::vector<long long> d(n + 1);
    std::vector<int> from(n + 1), q(n);
    for (int s = 1; s <= n; s++) {
        int head = 0, tail = 0;
        q[tail++] = s;
        d[s] = 0;
        from[s] = 0;
        while (head < tail) {
            int u = q[head++];
            if (u > s) total += d[u];
            for (auto [v, w] : g[u])
                if (v != from[u]) {
                    from[v] = u;
                    d[v] = d[u] + w;
                    q[tail++] = v;
                }
        }
    }
    printf("%lld\n", total);
}

// Mistake: adds up in double, which is not exact beyond 2^53.
#include <cstdio>
#include <vector>
std::vector<std::vector<std::pair<int, int>>> g;
int n;
double total = 0;
int dfs(int u, int p) {
    int s = 1;
    for (auto [v, w] : g[u]) {
        if (v == p) continue;
        int t = dfs(v, u);
        total += (double)t * (n - t) * w;
        s += t;
    }
    return s;
}
int main() {
    scanf("%d", &n);
    g.resize(n + 1);
    for (int i = 1; i < n; i++) {
        int a, b, w;
        scanf("%d%d%d", &a, &b, &w);
        g[a].push_back({b, w});
        g[b].push_back({a, w});
    }
    dfs(1, 0);
    printf("%.0f\n", total);
}

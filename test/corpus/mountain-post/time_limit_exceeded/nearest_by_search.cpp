// Mistake: searches all huts for the nearest one in each step.
#include <cstdio>
#include <vector>
using namespace std;
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    vector<vector<pair<int, int>>> g(n + 1);
    while (m--) {
        int a, b, w;
        scanf("%d%d%d", &a, &b, &w);
        g[a].push_back({b, w});
    }
    const long long inf = 1e18;
    vector<long long> d(n + 1, inf);
    vector<bool> done(n + 1, false);
    d[1] = 0;
    while (true) {
        int u = 0;
        for (int v = 1; v <= n; v++)
            if (!done[v] && d[v] < inf && (u == 0 || d[v] < d[u])) u = v;
        if (u == 0) break;
        done[u] = true;
        for (auto [v, w] : g[u])
            if (d[u] + w < d[v]) d[v] = d[u] + w;
    }
    printf("%lld\n", d[n] == inf ? -1LL : d[n]);
}

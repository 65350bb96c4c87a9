// Right: the sum of distances from the root, moved from village to village along the roads; half of all.
#include <cstdio>
#include <vector>
typedef unsigned __int128 u128;
int main() {
    int n;
    scanf("%d", &n);
    std::vector<int> head(n + 1, 0), next(2 * n), to(2 * n), len(2 * n);
    int edges = 0;
    auto add = [&](int a, int b, int w) {
        to[++edges] = b;
        len[edges] = w;
        next[edges] = head[a];
        head[a] = edges;
    };
    for (int i = 1; i < n; i++) {
        int a, b, w;
        scanf("%d%d%d", &a, &b, &w);
        add(a, b, w);
        add(b, a, w);
    }
    std::vector<int> order{n}, parent(n + 1, 0), up(n + 1, 0);
    std::vector<long long> depth(n + 1, 0), size(n + 1, 1), sum(n + 1, 0);
    for (int i = 0; i < (int)order.size(); i++) {
        int u = order[i];
        for (int e = head[u]; e; e = next[e]) {
            int v = to[e];
            if (v == parent[u]) continue;
            parent[v] = u;
            up[v] = len[e];
            depth[v] = depth[u] + len[e];
            order.push_back(v);
        }
    }
    for (int i = n - 1; i > 0; i--) size[parent[order[i]]] += size[order[i]];
    u128 total = 0;
    for (int u : order) {
        if (u == n) {
            for (int v = 1; v <= n; v++) sum[u] += depth[v];
        } else {
            sum[u] = sum[parent[u]] + up[u] * (n - 2 * size[u]);
        }
        total += (unsigned long long)sum[u];
    }
    printf("%lld\n", (long long)(total / 2));
}

// Mistake: searches all steps from the start for the next free one.
#include <cstdio>
#include <vector>
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    std::vector<std::vector<int>> g(n + 1);
    std::vector<int> need(n + 1);
    while (m--) {
        int a, b;
        scanf("%d%d", &a, &b);
        g[a].push_back(b);
        need[b]++;
    }
    std::vector<int> out;
    while (true) {
        int u = 1;
        while (u <= n && need[u] != 0) u++;
        if (u > n) break;
        need[u] = -1;
        out.push_back(u);
        for (int v : g[u]) need[v]--;
    }
    if ((int)out.size() < n) puts("IMPOSSIBLE");
    else
        for (int u : out) printf("%d ", u);
}

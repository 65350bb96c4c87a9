// Mistake: takes any step that was seen before in the same search for a cycle.
#include <algorithm>
#include <cstdio>
#include <vector>
std::vector<std::vector<int>> g;
std::vector<int> seen, out;
bool bad = false;
void dfs(int u, int root) {
    seen[u] = root;
    for (int v : g[u]) {
        if (seen[v] == root) bad = true;
        if (seen[v] == 0) dfs(v, root);
    }
    out.push_back(u);
}
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    g.resize(n + 1);
    seen.resize(n + 1);
    while (m--) {
        int a, b;
        scanf("%d%d", &a, &b);
        g[a].push_back(b);
    }
    for (int u = 1; u <= n; u++)
        if (!seen[u]) dfs(u, u);
    std::reverse(out.begin(), out.end());
    if (bad) puts("IMPOSSIBLE");
    else
        for (int u : out) printf("%d ", u);
}

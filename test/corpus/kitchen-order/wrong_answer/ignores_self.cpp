// Mistake: leaves out rules of a step with itself as if they said nothing.
#include <cstdio>
#include <queue>
#include <vector>
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    std::vector<std::vector<int>> g(n + 1);
    std::vector<int> deg(n + 1);
    while (m--) {
        int a, b;
        scanf("%d%d", &a, &b);
        if (a == b) continue;
        g[a].push_back(b);
        deg[b]++;
    }
    std::queue<int> q;
    for (int i = 1; i <= n; i++)
        if (deg[i] == 0) q.push(i);
    std::vector<int> out;
    while (!q.empty()) {
        int u = q.front();
        q.pop();
        out.push_back(u);
        for (int v : g[u])
            if (--deg[v] == 0) q.push(v);
    }
    if ((int)out.size() < n) {
        puts("IMPOSSIBLE");
        return 0;
    }
    for (int u : out) printf("%d ", u);
}

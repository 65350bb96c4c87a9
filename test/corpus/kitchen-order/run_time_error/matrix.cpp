// Mistake: a matrix for 1000 steps, where there can be 10^5.
#include <cstdio>
#include <vector>
static bool before[1001][1001];
int need[1001];
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    for (int i = 0; i < m; i++) {
        int a, b;
        scanf("%d%d", &a, &b);
        if (!before[a][b]) {
            before[a][b] = true;
            need[b]++;
        }
    }
    std::vector<int> order;
    for (int u = 1; u <= n; u++)
        if (need[u] == 0) order.push_back(u);
    for (std::size_t i = 0; i < order.size(); i++)
        for (int v = 1; v <= n; v++)
            if (before[order[i]][v] && --need[v] == 0) order.push_back(v);
    if ((int)order.size() < n) puts("IMPOSSIBLE");
    else
        for (int u : order) printf("%d ", u);
}

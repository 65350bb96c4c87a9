// Mistake: the sum has 32 bits.
#include <cstdio>
#include <utility>
#include <vector>
using namespace std;
vector<vector<pair<int, int>>> g;
unsigned n, total = 0;
unsigned dfs(int u, int p) {
    unsigned s = 1;
    for (auto [v, w] : g[u])
        if (v != p) {
            unsigned t = dfs(v, u);
            total += t * (n - t) * w;
            s += t;
        }
    return s;
}
int main() {
    scanf("%u", &n);
    g.resize(n + 1);
    for (unsigned i = 1; i < n; i++) {
        int a, b, w;
        scanf("%d%d%d", &a, &b, &w);
        g[a].push_back({b, w});
        g[b].push_back({a, w});
    }
    dfs(1, 0);
    printf("%u\n", total);
}

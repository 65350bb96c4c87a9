// Mistake: expands outdated queue entries again with all their trails.
#include <cstdio>
#include <functional>
#include <queue>
#include <vector>
using namespace std;
typedef pair<long long, int> P;
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    vector<vector<P>> g(n + 1);
    while (m--) {
        int a, b;
        long long w;
        scanf("%d%d%lld", &a, &b, &w);
        g[a].push_back({w, b});
    }
    vector<long long> d(n + 1, 4e18);
    priority_queue<P, vector<P>, greater<P>> q;
    q.push({0, 1});
    d[1] = 0;
    while (!q.empty()) {
        int u = q.top().second;
        q.pop();
        for (auto [w, v] : g[u])
            if (d[u] + w < d[v]) {
                d[v] = d[u] + w;
                q.push({d[v], v});
            }
    }
    printf("%lld\n", d[n] > (long long)3e18 ? -1 : d[n]);
}

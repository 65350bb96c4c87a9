// Mistake: uses trails in both directions.
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
        g[b].push_back({w, a});
    }
    vector<long long> d(n + 1, 4e18);
    priority_queue<P, vector<P>, greater<P>> q;
    q.push({0, 1});
    d[1] = 0;
    while (!q.empty()) {
        auto [x, u] = q.top();
        q.pop();
        if (x > d[u]) continue;
        for (auto [w, v] : g[u])
            if (x + w < d[v]) q.push({d[v] = x + w, v});
    }
    printf("%lld\n", d[n] > (long long)3e18 ? -1 : d[n]);
}

// Mistake: stops as soon as the goal is seen from a finished hut, not when it is the nearest itself.
#include <cstdio>
#include <functional>
#include <queue>
#include <vector>
using namespace std;
typedef pair<long long, int> P;
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    if (n == 1) return puts("0"), 0;
    vector<vector<P>> g(n + 1);
    while (m--) {
        int a, b;
        long long w;
        scanf("%d%d%lld", &a, &b, &w);
        g[a].push_back({w, b});
    }
    vector<long long> d(n + 1, -1);
    priority_queue<P, vector<P>, greater<P>> q;
    q.push({0, 1});
    d[1] = 0;
    while (!q.empty()) {
        auto [x, u] = q.top();
        q.pop();
        if (x != d[u]) continue;
        long long goal = -1;
        for (auto [w, v] : g[u]) {
            if (v == n && (goal < 0 || x + w < goal)) goal = x + w;
            if (d[v] < 0 || x + w < d[v]) q.push({d[v] = x + w, v});
        }
        if (goal >= 0) {
            printf("%lld\n", goal);
            return 0;
        }
    }
    puts("-1");
}

// Mistake: distances are 32-bit ints and wrap around.
#include <climits>
#include <cstdio>
#include <functional>
#include <queue>
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
    vector<int> d(n + 1, INT_MAX);
    vector<char> done(n + 1, 0);
    priority_queue<pair<int, int>, vector<pair<int, int>>, greater<>> q;
    q.push({d[1] = 0, 1});
    while (!q.empty()) {
        int u = q.top().second;
        q.pop();
        if (done[u]) continue;
        done[u] = 1;
        for (auto [v, w] : g[u])
            if (int(unsigned(d[u]) + unsigned(w)) < d[v] && !done[v]) {
                d[v] = int(unsigned(d[u]) + unsigned(w));
                q.push({d[v], v});
            }
    }
    printf("%d\n", d[n] == INT_MAX ? -1 : d[n]);
}

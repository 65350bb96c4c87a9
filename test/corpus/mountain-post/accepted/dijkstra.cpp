// Right: Dijkstra with a set.
#include <bits/stdc++.h>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n, m;
    cin >> n >> m;
    vector<vector<pair<int, long long>>> adj(n);
    for (int i = 0; i < m; i++) {
        int a, b;
        long long w;
        cin >> a >> b >> w;
        adj[a - 1].emplace_back(b - 1, w);
    }
    vector<long long> dist(n, LLONG_MAX);
    set<pair<long long, int>> open;
    dist[0] = 0;
    open.insert({0, 0});
    while (!open.empty()) {
        auto [d, u] = *open.begin();
        open.erase(open.begin());
        for (auto [v, w] : adj[u]) {
            if (d + w < dist[v]) {
                open.erase({dist[v], v});
                dist[v] = d + w;
                open.insert({dist[v], v});
            }
        }
    }
    cout << (dist[n - 1] == LLONG_MAX ? -1 : dist[n - 1]) << "\n";
}

// Mistake: the number of pairs on a road is computed in 32-bit ints before it is widened.
#include <iostream>
#include <vector>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<vector<pair<int, int>>> g(n + 1);
    for (int i = 1; i < n; i++) {
        int a, b, w;
        cin >> a >> b >> w;
        g[a].emplace_back(b, w);
        g[b].emplace_back(a, w);
    }
    vector<int> order{1}, parent(n + 1), up(n + 1), size(n + 1, 1);
    for (int i = 0; i < (int)order.size(); i++) {
        int u = order[i];
        for (auto [v, w] : g[u])
            if (v != parent[u]) {
                parent[v] = u;
                up[v] = w;
                order.push_back(v);
            }
    }
    long long total = 0;
    for (int i = n - 1; i > 0; i--) {
        int u = order[i];
        int pairs = size[u] * (n - size[u]);
        total += (long long)pairs * up[u];
        size[parent[u]] += size[u];
    }
    cout << total << endl;
}

// Right: recursive depth first search with three colours (the stack is as large as the memory limit).
#include <algorithm>
#include <iostream>
#include <vector>
using namespace std;

vector<vector<int>> g;
vector<char> colour;
vector<int> order;

bool visit(int u) {
    colour[u] = 1;
    for (int v : g[u]) {
        if (colour[v] == 1) return false;
        if (colour[v] == 0 && !visit(v)) return false;
    }
    colour[u] = 2;
    order.push_back(u);
    return true;
}

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n, m;
    cin >> n >> m;
    g.resize(n + 1);
    colour.assign(n + 1, 0);
    while (m--) {
        int a, b;
        cin >> a >> b;
        g[a].push_back(b);
    }
    for (int u = 1; u <= n; u++)
        if (colour[u] == 0 && !visit(u)) {
            cout << "IMPOSSIBLE\n";
            return 0;
        }
    reverse(order.begin(), order.end());
    for (int i = 0; i < n; i++) cout << order[i] << " \n"[i + 1 == n];
}

// Right: recursive walk (the stack is as large as the memory limit).
#include <iostream>
#include <utility>
#include <vector>
using namespace std;
int n;
vector<vector<pair<int, int>>> g;
long long answer = 0;
long long walk(int u, int from) {
    long long below = 1;
    for (auto& [v, w] : g[u]) {
        if (v == from) continue;
        long long s = walk(v, u);
        answer += s * (n - s) * w;
        below += s;
    }
    return below;
}
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    cin >> n;
    g.resize(n + 1);
    for (int i = 1; i < n; i++) {
        int a, b, w;
        cin >> a >> b >> w;
        g[a].push_back({b, w});
        g[b].push_back({a, w});
    }
    walk(1, 0);
    cout << answer << endl;
}

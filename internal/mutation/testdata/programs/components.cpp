// Union find: the heaviest component after each new bridge.
#include <bits/stdc++.h>
using namespace std;
#define int long long
#define all(x) (x).begin(), (x).end()
#define rep(i, a, b) for (int i = (a); i < (b); i++)

const int N = 2e5 + 5;
int parent[N], weight[N], sz[N];

int find(int x) {
    while (parent[x] != x) {
        parent[x] = parent[parent[x]];
        x = parent[x];
    }
    return x;
}

bool unite(int a, int b) {
    a = find(a), b = find(b);
    if (a == b) return false;
    if (sz[a] < sz[b]) swap(a, b);
    parent[b] = a;
    sz[a] += sz[b];
    weight[a] += weight[b];
    return true;
}

void solve() {
    int n, q;
    cin >> n >> q;
    multiset<int> weights;
    rep(i, 0, n) {
        cin >> weight[i];
        parent[i] = i;
        sz[i] = 1;
        weights.insert(weight[i]);
    }
    vector<pair<int, int>> bridges;
    while (q--) {
        int a, b;
        cin >> a >> b;
        a--, b--;
        int wa = weight[find(a)], wb = weight[find(b)];
        if (unite(a, b)) {
            weights.erase(weights.find(wa));
            weights.erase(weights.find(wb));
            weights.insert(wa + wb);
            bridges.push_back({wa, wb});
        }
        cout << *weights.rbegin() << ' ';
    }
    sort(all(bridges));
    rep(i, 0, (int)bridges.size()) cout << bridges[i].first - bridges[i].second << ' ';
    cout << '\n';
}

signed main() {
    cin.tie(0)->sync_with_stdio(0);
    int t = 1;
    cin >> t;
    while (t--) solve();
}

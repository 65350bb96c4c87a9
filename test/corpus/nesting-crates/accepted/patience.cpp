// Right: sort by (width up, height down), patience sorting.
#include <bits/stdc++.h>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<array<int, 2>> v(n);
    for (auto& [w, h] : v) cin >> w >> h;
    sort(v.begin(), v.end(), [](auto& x, auto& y) { return x[0] != y[0] ? x[0] < y[0] : x[1] > y[1]; });
    set<int> tops;
    for (auto& c : v) {
        auto it = tops.lower_bound(c[1]);
        if (it != tops.end()) tops.erase(it);
        tops.insert(c[1]);
    }
    cout << tops.size() << endl;
}

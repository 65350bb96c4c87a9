// Mistake: sorts by area and then keeps heights rising, without a look at the widths.
#include <algorithm>
#include <iostream>
#include <vector>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<pair<long long, long long>> v(n);
    for (auto& [w, h] : v) cin >> w >> h;
    sort(v.begin(), v.end(), [](auto& a, auto& b) { return a.first * a.second < b.first * b.second; });
    vector<long long> t;
    for (auto& [w, h] : v) {
        auto it = lower_bound(t.begin(), t.end(), h);
        if (it == t.end()) t.push_back(h);
        else *it = h;
    }
    cout << t.size() << "\n";
}

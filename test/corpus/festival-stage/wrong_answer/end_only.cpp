// Mistake: sorts by end only, so that a sound check can come before a performance with the same end.
#include <algorithm>
#include <iostream>
#include <vector>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<pair<int, int>> v(n);
    for (auto& [s, e] : v) cin >> s >> e;
    stable_sort(v.begin(), v.end(), [](auto& x, auto& y) { return x.second < y.second; });
    int last = -1000000000, count = 0;
    for (auto [s, e] : v) {
        if (s < last) continue;
        last = e;
        count++;
    }
    cout << count << endl;
}

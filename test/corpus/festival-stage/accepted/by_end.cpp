// Right: greedy by (end, begin).
#include <bits/stdc++.h>
using namespace std;

struct Slot { long long b, e; };

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    vector<Slot> v(n);
    for (auto& x : v) cin >> x.b >> x.e;
    sort(v.begin(), v.end(), [](const Slot& x, const Slot& y) { return tie(x.e, x.b) < tie(y.e, y.b); });
    long long last = LLONG_MIN;
    int count = 0;
    for (auto& x : v) {
        if (last <= x.b) {
            last = x.e;
            ++count;
        }
    }
    cout << count << '\n';
}

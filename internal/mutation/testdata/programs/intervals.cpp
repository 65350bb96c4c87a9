// Greedy: most intervals that do not overlap, longest total on ties.
#include <bits/stdc++.h>
using namespace std;

struct Interval {
    int l, r, id;
    bool operator<(const Interval& other) const {
        if (r != other.r) return r < other.r;
        return l > other.l;
    }
};

int main() {
    int n;
    while (cin >> n && n != 0) {
        vector<Interval> v(n);
        for (int i = 0; i < n; i++) {
            cin >> v[i].l >> v[i].r;
            v[i].id = i + 1;
        }
        sort(v.begin(), v.end());
        vector<int> chosen;
        int last = INT_MIN;
        for (auto& x : v) {
            if (x.l >= last) {
                chosen.push_back(x.id);
                last = x.r;
            }
        }
        stable_sort(v.begin(), v.end(), [](const Interval& a, const Interval& b) {
            return a.r - a.l > b.r - b.l;
        });
        unordered_set<int> taken(chosen.begin(), chosen.end());
        int rejected = 0;
        for (const auto& x : v) {
            if (!taken.count(x.id)) rejected++;
        }
        sort(chosen.begin(), chosen.end(), greater<int>());
        cout << chosen.size() << " " << rejected << endl;
        for (size_t i = 0; i < chosen.size(); i++) {
            if (i > 0) cout << " ";
            cout << chosen[i];
        }
        cout << endl;
    }
    return 0;
}

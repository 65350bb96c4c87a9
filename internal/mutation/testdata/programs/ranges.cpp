// Prefix sums and binary search: the shortest window with a large sum.
#include <cstdio>
#include <vector>
#include <string>
#include <iostream>
#include <algorithm>
#include <numeric>

using namespace std;

int window(const vector<int>& a, long long need) {
    int n = (int)a.size();
    vector<long long> p(n + 1, 0);
    for (int i = 0; i < n; i++) {
        p[i + 1] = p[i] + a[i];
    }
    int lo = 1, hi = n + 1;
    while (lo < hi) {
        int mid = lo + (hi - lo) / 2;
        bool ok = false;
        for (int i = 0; i + mid <= n; i++) {
            if (p[i + mid] - p[i] >= need) {
                ok = true;
                break;
            }
        }
        if (ok) hi = mid;
        else lo = mid + 1;
    }
    return lo > n ? -1 : lo;
}

void read(vector<int>& a) {
    for (auto& x : a) scanf("%d", &x);
}

int main() {
    int t;
    if (scanf("%d", &t) != 1) return 0;
    while (t--) {
        int n;
        long long need;
        scanf("%d %lld", &n, &need);
        vector<int> a(n);
        read(a);
        printf("%d\n", window(a, need));
        sort(a.begin(), a.end());
        a.erase(unique(a.begin(), a.end()), a.end());
        string line;
        for (int q = 0; q < 3; q++) {
            int at = lower_bound(a.begin(), a.end(), q * 10) - a.begin();
            line += to_string(at) + (q < 2 ? " " : "");
        }
        puts(line.c_str());
    }
    return 0;
}

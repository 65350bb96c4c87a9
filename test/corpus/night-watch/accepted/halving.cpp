// Right: halves the interval of answers.
#include <bits/stdc++.h>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    long long n, k;
    cin >> n >> k;
    vector<long long> t(n);
    for (auto& x : t) cin >> x;
    auto guards = [&](long long limit) {
        long long count = 1, sum = 0;
        for (long long x : t) {
            if (x > limit) return LLONG_MAX;
            if (sum + x > limit) {
                count++;
                sum = x;
            } else {
                sum += x;
            }
        }
        return count;
    };
    long long lo = -1, hi = accumulate(t.begin(), t.end(), 0LL);
    while (hi - lo > 1) {
        long long mid = lo + (hi - lo) / 2;
        (guards(mid) <= k ? hi : lo) = mid;
    }
    cout << hi << endl;
}

// Right: lower hull of prefix sums, the touching point by bisection.
#include <algorithm>
#include <cstdio>
#include <vector>
typedef long long ll;
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::vector<ll> s(n + 1, 0);
    for (int i = 1; i <= n; i++) {
        scanf("%lld", &s[i]);
        s[i] += s[i - 1];
    }
    std::vector<int> h;
    ll num = s[k], den = k;
    auto left = [&](int p, int q, int r) { return (s[q] - s[p]) * (r - q) >= (s[r] - s[q]) * (q - p); };
    for (int i = k; i <= n; i++) {
        int x = i - k;
        while (h.size() >= 2 && left(h[h.size() - 2], h.back(), x)) h.pop_back();
        h.push_back(x);
        int lo = 0, hi = (int)h.size() - 1;
        while (lo < hi) {
            int mid = (lo + hi) / 2;
            // Does the next point of the hull give the larger slope?
            int p = h[mid], q = h[mid + 1];
            if ((s[i] - s[q]) * (i - p) >= (s[i] - s[p]) * (i - q)) lo = mid + 1;
            else hi = mid;
        }
        ll a = s[i] - s[h[lo]], b = i - h[lo];
        if (a * den > num * b) num = a, den = b;
    }
    printf("%.9f\n", (double)num / den);
}

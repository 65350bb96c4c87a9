// Mistake: counts the cuts and compares them with k, so that one guard too many is sent.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    long long k;
    scanf("%d%lld", &n, &k);
    std::vector<long long> t(n);
    long long lo = 0, hi = 0;
    for (auto& x : t) {
        scanf("%lld", &x);
        lo = std::max(lo, x);
        hi += x;
    }
    while (lo < hi) {
        long long mid = (lo + hi) / 2, cuts = 0, sum = 0;
        for (auto x : t) {
            sum += x;
            if (sum > mid) {
                cuts++;
                sum = x;
            }
        }
        if (cuts <= k) hi = mid;
        else lo = mid + 1;
    }
    printf("%lld\n", lo);
}

// Mistake: a bound for the number of guards that divides by the shortest tower, which may be 0.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    long long k;
    scanf("%d%lld", &n, &k);
    std::vector<long long> t(n);
    long long total = 0;
    for (auto& x : t) {
        scanf("%lld", &x);
        total += x;
    }
    long long shortest = *std::min_element(t.begin(), t.end());
    k = std::min(k, total / shortest);
    long long lo = *std::max_element(t.begin(), t.end()), hi = total;
    while (lo < hi) {
        long long mid = (lo + hi) / 2, guards = 1, sum = 0;
        for (auto x : t) {
            if (sum + x > mid) guards++, sum = 0;
            sum += x;
        }
        if (guards <= k) hi = mid;
        else lo = mid + 1;
    }
    printf("%lld\n", lo);
}

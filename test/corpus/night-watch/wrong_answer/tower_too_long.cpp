// Mistake: begins the search at 0 and lets a tower that is longer than the limit pass as a duty of its own.
#include <cstdio>
#include <vector>
int main() {
    int n;
    long long k, lo = 0, hi = 0;
    scanf("%d%lld", &n, &k);
    std::vector<long long> t(n);
    for (auto& x : t) {
        scanf("%lld", &x);
        hi += x;
    }
    while (lo < hi) {
        long long mid = (lo + hi) / 2, guards = 1, sum = 0;
        for (auto x : t) {
            if (sum + x > mid && sum > 0) {
                guards++;
                sum = 0;
            }
            sum += x;
        }
        if (guards <= k) hi = mid;
        else lo = mid + 1;
    }
    printf("%lld\n", lo);
}

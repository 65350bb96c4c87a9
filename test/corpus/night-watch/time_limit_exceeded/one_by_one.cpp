// Mistake: tries one answer after the other from the longest tower on.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    long long k;
    scanf("%d%lld", &n, &k);
    std::vector<long long> t(n);
    for (auto& x : t) scanf("%lld", &x);
    for (long long limit = *std::max_element(t.begin(), t.end());; limit++) {
        long long guards = 1, sum = 0;
        for (auto x : t) {
            if (sum + x > limit) guards++, sum = 0;
            sum += x;
        }
        if (guards <= k) {
            printf("%lld\n", limit);
            return 0;
        }
    }
}

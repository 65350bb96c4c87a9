// Mistake: only 25 steps of halving, too few for a wide range.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::vector<int> a(n);
    for (int& x : a) scanf("%d", &x);
    double lo = *std::min_element(a.begin(), a.end()), hi = *std::max_element(a.begin(), a.end());
    std::vector<double> p(n + 1, 0);
    for (int step = 0; step < 25; step++) {
        double mid = (lo + hi) / 2, least = 0;
        bool ok = false;
        for (int i = 1; i <= n; i++) {
            p[i] = p[i - 1] + a[i - 1] - mid;
            if (i >= k) {
                least = std::min(least, p[i - k]);
                ok = ok || p[i] >= least;
            }
        }
        (ok ? lo : hi) = mid;
    }
    printf("%.9f\n", (lo + hi) / 2);
}

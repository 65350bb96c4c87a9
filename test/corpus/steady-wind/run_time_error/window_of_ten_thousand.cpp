// Mistake: a table for stretches of up to 10000 hours.
#include <algorithm>
#include <array>
#include <cstdio>
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::array<double, 10001> a{}, p{};
    for (int i = 0; i < n; i++) scanf("%lf", &a.at(i));
    double lo = -1e6, hi = 1e6;
    for (int t = 0; t < 70; t++) {
        double m = (lo + hi) / 2, least = 0;
        bool ok = false;
        for (int i = 1; i <= n; i++) {
            p.at(i) = p.at(i - 1) + a.at(i - 1) - m;
            if (i < k) continue;
            least = std::min(least, p.at(i - k));
            ok = ok || p.at(i) >= least;
        }
        (ok ? lo : hi) = m;
    }
    printf("%.9f\n", lo);
}

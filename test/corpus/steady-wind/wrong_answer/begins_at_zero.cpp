// Mistake: the search begins at 0, so that no mean is below it.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::vector<int> a(n);
    for (int& x : a) scanf("%d", &x);
    double lo = 0, hi = 1e6;
    std::vector<double> p(n + 1, 0);
    for (int step = 0; step < 80; step++) {
        double mid = (lo + hi) / 2, least = 0;
        bool ok = false;
        for (int i = 1; i <= n; i++) {
            p[i] = p[i - 1] + a[i - 1] - mid;
            if (i >= k) {
                least = std::min(least, p[i - k]);
                ok = ok || p[i] >= least;
            }
        }
        if (ok) lo = mid;
        else hi = mid;
    }
    printf("%.9f\n", lo);
}

// Mistake: prefix sums in single precision.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::vector<float> s(n + 1, 0);
    for (int i = 1; i <= n; i++) {
        float x;
        scanf("%f", &x);
        s[i] = s[i - 1] + x;
    }
    double lo = -1e6, hi = 1e6;
    for (int t = 0; t < 60; t++) {
        double m = (lo + hi) / 2, least = 1e18;
        bool ok = false;
        for (int i = k; i <= n; i++) {
            least = std::min(least, s[i - k] - m * (i - k));
            ok |= s[i] - m * i >= least;
        }
        if (ok) lo = m;
        else hi = m;
    }
    printf("%.9f\n", lo);
}

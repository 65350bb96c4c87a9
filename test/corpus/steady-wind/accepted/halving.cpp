// Right: halves the interval of means, 100 steps.
#include <bits/stdc++.h>
using namespace std;
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    vector<double> a(n), p(n + 1);
    for (auto& x : a) scanf("%lf", &x);
    double lo = *min_element(a.begin(), a.end()), hi = *max_element(a.begin(), a.end());
    for (int it = 0; it < 100; it++) {
        double mid = (lo + hi) / 2, least = 0;
        bool ok = false;
        p[0] = 0;
        for (int i = 1; i <= n; i++) {
            p[i] = p[i - 1] + a[i - 1] - mid;
            if (i >= k) {
                least = min(least, p[i - k]);
                if (p[i] >= least) {
                    ok = true;
                    break;
                }
            }
        }
        (ok ? lo : hi) = mid;
    }
    printf("%.10f\n", hi);
}

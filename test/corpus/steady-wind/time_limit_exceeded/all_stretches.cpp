// Mistake: tries all stretches of at least k hours.
#include <cstdio>
#include <vector>
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::vector<long long> s(n + 1, 0);
    for (int i = 1; i <= n; i++) {
        scanf("%lld", &s[i]);
        s[i] += s[i - 1];
    }
    double best = -1e18;
    for (int i = 0; i <= n; i++)
        for (int j = i + k; j <= n; j++) {
            double mean = double(s[j] - s[i]) / (j - i);
            if (mean > best) best = mean;
        }
    printf("%.9f\n", best);
}

// Mistake: a table over towers and guards with all cuts.
#include <algorithm>
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
    k = std::min(k, n);
    std::vector<long long> row(s), next(n + 1, 0);
    for (int g = 2; g <= k; g++) {
        for (int i = 1; i <= n; i++) {
            next[i] = row[i];
            for (int j = i - 1; j >= 0 && s[i] - s[j] < next[i]; j--) next[i] = std::min(next[i], std::max(row[j], s[i] - s[j]));
        }
        row.swap(next);
    }
    printf("%lld\n", row[n]);
}

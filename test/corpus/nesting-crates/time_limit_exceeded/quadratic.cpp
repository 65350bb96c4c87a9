// Mistake: compares every crate with all before it.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v(n);
    for (auto& p : v) scanf("%d%d", &p.first, &p.second);
    std::sort(v.begin(), v.end());
    std::vector<int> dp(n, 1);
    int best = 0;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < i; j++)
            if (v[j].first < v[i].first && v[j].second < v[i].second && dp[j] >= dp[i]) dp[i] = dp[j] + 1;
        best = std::max(best, dp[i]);
    }
    printf("%d\n", best);
}

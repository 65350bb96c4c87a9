// Right: two-dimensional table.
#include <algorithm>
#include <iostream>
#include <vector>
int main() {
    int n, c;
    std::cin >> n >> c;
    std::vector<std::vector<long long>> dp(n + 1, std::vector<long long>(c + 1, 0));
    for (int i = 1; i <= n; i++) {
        long long w, v;
        std::cin >> w >> v;
        for (int x = 0; x <= c; x++) {
            dp[i][x] = dp[i - 1][x];
            if (w <= x) dp[i][x] = std::max(dp[i][x], dp[i - 1][x - w] + v);
        }
    }
    std::cout << dp[n][c] << "\n";
}

// Bounded knapsack over several test cases, with a rolling table.
#include <bits/stdc++.h>
using namespace std;

typedef long long ll;

const int MAXW = 100005;
ll dp[MAXW];

int main() {
    ios_base::sync_with_stdio(false);
    cin.tie(NULL);
    int t;
    cin >> t;
    while (t--) {
        int n, w;
        cin >> n >> w;
        memset(dp, -1, sizeof(dp));
        dp[0] = 0;
        ll total = 0;
        for (int i = 0; i < n; i++) {
            int weight, count;
            ll value;
            cin >> weight >> value >> count;
            total += value * count;
            for (int k = 1; count > 0; k *= 2) {
                int take = min(k, count);
                count -= take;
                for (int j = w; j >= weight * take; j--) {
                    if (dp[j - weight * take] == -1) continue;
                    dp[j] = max(dp[j], dp[j - weight * take] + value * take);
                }
            }
        }
        ll best = 0;
        for (int j = 0; j <= w; j++) {
            best = max(best, dp[j]);
        }
        if (best == total) {
            cout << "ALL " << best << "\n";
        } else {
            cout << best << "\n";
        }
    }
    return 0;
}

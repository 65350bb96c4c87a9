// Mistake: prints with the six digits that a stream has by default.
#include <iostream>
#include <vector>
using namespace std;
int main() {
    int n, k;
    cin >> n >> k;
    vector<long long> s(n + 1, 0);
    for (int i = 1; i <= n; i++) {
        cin >> s[i];
        s[i] += s[i - 1];
    }
    double lo = -1e6, hi = 1e6;
    for (int t = 0; t < 70; t++) {
        double m = (lo + hi) / 2, least = 1e18;
        bool ok = false;
        for (int i = k; i <= n; i++) {
            least = min(least, s[i - k] - m * (i - k));
            if (s[i] - m * i >= least) ok = true;
        }
        (ok ? lo : hi) = m;
    }
    cout << hi << endl;
}

// Mistake: the maximum is not set back at the start of a day.
#include <iostream>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int t;
    cin >> t;
    long long best = 0;
    while (t--) {
        int n;
        cin >> n;
        long long sum = 0;
        for (int i = 0; i < n; i++) {
            long long w, r;
            cin >> w >> r;
            sum += w * r;
            best = max(best, w * r);
        }
        if (n >= 2) sum -= best;
        cout << sum << '\n';
    }
}

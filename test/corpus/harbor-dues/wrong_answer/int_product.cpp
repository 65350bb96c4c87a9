// Mistake: the sum is long long, but the product of two ints overflows first.
#include <iostream>
#include <vector>
#include <algorithm>
using namespace std;
int main() {
    ios::sync_with_stdio(0); cin.tie(0);
    int t; cin >> t;
    while (t--) {
        int n; cin >> n;
        long long sum = 0, best = 0;
        for (int i = 0; i < n; i++) {
            int w, r; cin >> w >> r;
            long long bill = w * r;
            sum += bill;
            best = max(best, bill);
        }
        cout << (n >= 2 ? sum - best : sum) << "\n";
    }
}

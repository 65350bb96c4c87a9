// Right: for each prime, its powers as long as a period is a multiple of them.
#include <algorithm>
#include <iostream>
#include <vector>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    const int top = 1000000;
    int n;
    cin >> n;
    vector<char> there(top + 1, 0), composite(top + 1, 0);
    for (int i = 0; i < n; i++) {
        int p;
        cin >> p;
        there[p] = 1;
    }
    unsigned long long result = 1;
    for (int p = 2; p <= top; p++) {
        if (composite[p]) continue;
        for (long long m = (long long)p * p; m <= top; m += p) composite[m] = 1;
        for (long long power = p; power <= top; power *= p) {
            bool used = false;
            for (long long m = power; m <= top && !used; m += power) used = there[m];
            if (!used) break;
            result = result * p % 1000000007;
        }
    }
    cout << result << "\n";
}

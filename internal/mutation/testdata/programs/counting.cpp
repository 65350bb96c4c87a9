// Modular arithmetic: how many subsets of every size have an even sum.
#include <bits/stdc++.h>

using namespace std;
using ll = long long;

const ll MOD = 1'000'000'007;

ll power(ll base, ll exp) {
    ll result = 1;
    base %= MOD;
    while (exp > 0) {
        if (exp & 1) result = result * base % MOD;
        base = base * base % MOD;
        exp >>= 1;
    }
    return result;
}

class Binomials {
public:
    explicit Binomials(int n) : fact(n + 1), inv(n + 1) {
        fact[0] = 1;
        for (int i = 1; i <= n; i++) fact[i] = fact[i - 1] * i % MOD;
        inv[n] = power(fact[n], MOD - 2);
        for (int i = n; i > 0; i--) inv[i - 1] = inv[i] * i % MOD;
    }
    ll choose(int n, int k) const {
        if (k < 0 || k > n) return 0;
        return fact[n] * inv[k] % MOD * inv[n - k] % MOD;
    }

private:
    vector<ll> fact, inv;
};

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int n;
    cin >> n;
    int odd = 0, even = 0;
    ll sum = 0;
    for (int i = 0; i < n; i++) {
        ll a;
        cin >> a;
        sum += a;
        if (a % 2 == 0) {
            even++;
        } else {
            odd++;
        }
    }
    Binomials c(n);
    vector<ll> answer(n + 1, 0);
    for (int size = 0; size <= n; size++) {
        for (int k = 0; k <= min(odd, size); k += 2) {
            answer[size] = (answer[size] + c.choose(odd, k) * c.choose(even, size - k)) % MOD;
        }
    }
    double mean = n > 0 ? (double)sum / n : 0.0;
    cout << fixed << setprecision(9) << mean << "\n";
    for (int size = 0; size <= n; size++) cout << answer[size] << " \n"[size == n];
}

// Mistake: the product over the greatest common divisor of all, which is right for two periods only.
#include <cstdio>
#include <numeric>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<long long> p(n);
    long long g = 0;
    for (auto& x : p) {
        scanf("%lld", &x);
        g = std::gcd(g, x);
    }
    long long answer = g;
    for (auto x : p) answer = answer * (x / g) % 1000000007;
    printf("%lld\n", answer % 1000000007);
}

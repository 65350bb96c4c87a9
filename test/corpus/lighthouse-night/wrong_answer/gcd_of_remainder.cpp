// Mistake: reduces the multiple first and then takes the greatest common divisor with it.
#include <cstdio>
#include <numeric>
int main() {
    const long long mod = 1000000007;
    int n;
    scanf("%d", &n);
    long long lcm = 1;
    while (n--) {
        long long p;
        scanf("%lld", &p);
        lcm = lcm / std::gcd(lcm, p) * p % mod;
    }
    printf("%lld\n", lcm);
}

// Mistake: divides by primes below 1000 and forgets the prime that may be left.
#include <algorithm>
#include <cstdio>
int best[1000];
int main() {
    int n;
    scanf("%d", &n);
    while (n--) {
        int x;
        scanf("%d", &x);
        for (int p = 2; p < 1000; p++) {
            int e = 0;
            while (x % p == 0) x /= p, e++;
            best[p] = std::max(best[p], e);
        }
    }
    long long answer = 1;
    for (int p = 2; p < 1000; p++)
        for (int e = 0; e < best[p]; e++) answer = answer * p % 1000000007;
    printf("%lld\n", answer);
}

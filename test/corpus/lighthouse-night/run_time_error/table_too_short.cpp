// Mistake: the table ends below 10^6, the largest period has no place.
#include <cstdio>
#include <vector>
int main() {
    const int N = 1000000;
    std::vector<int> spf(N), best(N, 0);
    for (int i = 2; i < N; i++)
        if (spf[i] == 0)
            for (int j = i; j < N; j += i)
                if (spf[j] == 0) spf[j] = i;
    int n;
    scanf("%d", &n);
    while (n--) {
        int x;
        scanf("%d", &x);
        while (x > 1) {
            int p = spf.at(x), e = 0;
            while (x % p == 0) x /= p, e++;
            if (e > best[p]) best[p] = e;
        }
    }
    long long answer = 1;
    for (int p = 2; p < N; p++)
        for (int e = 0; e < best[p]; e++) answer = answer * p % 1000000007;
    printf("%lld\n", answer);
}

// Mistake: divides each period by every number up to what is left of it.
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<int> best(1000001, 0);
    while (n--) {
        int x;
        scanf("%d", &x);
        for (int p = 2; x > 1; p++) {
            int e = 0;
            while (x % p == 0) {
                x /= p;
                e++;
            }
            if (e > best[p]) best[p] = e;
        }
    }
    long long answer = 1;
    for (int p = 2; p <= 1000000; p++)
        while (best[p]--> 0) answer = answer * p % 1000000007;
    printf("%lld\n", answer);
}

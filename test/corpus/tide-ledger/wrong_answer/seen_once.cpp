// Mistake: remembers only that a sum was there, not how often.
#include <cstdio>
#include <set>
int main() {
    int n;
    long long k, sum = 0, count = 0;
    scanf("%d%lld", &n, &k);
    std::set<long long> seen{0};
    for (int i = 0; i < n; i++) {
        long long a;
        scanf("%lld", &a);
        sum += a;
        count += seen.count(sum - k);
        seen.insert(sum);
    }
    printf("%lld\n", count);
}

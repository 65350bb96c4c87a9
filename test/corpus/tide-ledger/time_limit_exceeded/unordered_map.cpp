// Mistake: a hash table with the standard hash, which chosen entries make quadratic.
#include <cstdio>
#include <unordered_map>
int main() {
    int n;
    long long k, sum = 0, count = 0;
    scanf("%d%lld", &n, &k);
    std::unordered_map<long long, int> seen;
    seen[0] = 1;
    for (int i = 0; i < n; i++) {
        long long a;
        scanf("%lld", &a);
        sum += a;
        auto it = seen.find(sum - k);
        if (it != seen.end()) count += it->second;
        seen[sum]++;
    }
    printf("%lld\n", count);
}

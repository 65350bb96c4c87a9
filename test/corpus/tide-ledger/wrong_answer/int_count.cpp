// Mistake: the count is a 32-bit int.
#include <cstdio>
#include <map>
int main() {
    int n;
    long long k;
    scanf("%d%lld", &n, &k);
    std::map<long long, int> seen;
    seen[0] = 1;
    long long sum = 0;
    int count = 0;
    while (n--) {
        int a;
        scanf("%d", &a);
        sum += a;
        auto it = seen.find(sum - k);
        if (it != seen.end()) count += it->second;
        seen[sum]++;
    }
    printf("%d\n", count);
}

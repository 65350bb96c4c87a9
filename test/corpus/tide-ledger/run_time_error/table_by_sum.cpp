// Mistake: a table with a place for each sum up to a million on either side.
#include <cstdio>
#include <vector>
int main() {
    int n;
    long long k, sum = 0, count = 0;
    scanf("%d%lld", &n, &k);
    const long long zero = 1000000;
    std::vector<int> seen(2 * zero + 1);
    seen[zero] = 1;
    while (n--) {
        long long a;
        scanf("%lld", &a);
        sum += a;
        count += seen.at(sum - k + zero);
        seen.at(sum + zero)++;
    }
    printf("%lld\n", count);
}

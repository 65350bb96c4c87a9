// Mistake: tries every begin and end.
#include <cstdio>
#include <vector>
int main() {
    int n;
    long long k;
    scanf("%d%lld", &n, &k);
    std::vector<int> a(n);
    for (auto& x : a) scanf("%d", &x);
    long long count = 0;
    for (int i = 0; i < n; i++) {
        long long sum = 0;
        for (int j = i; j < n; j++) {
            sum += a[j];
            if (sum == k) count++;
        }
    }
    printf("%lld\n", count);
}

// Mistake: a moving window, which needs entries above 0.
#include <cstdio>
#include <vector>
int main() {
    int n;
    long long k;
    scanf("%d%lld", &n, &k);
    std::vector<long long> a(n);
    for (auto& x : a) scanf("%lld", &x);
    long long sum = 0, count = 0;
    int left = 0;
    for (int right = 0; right < n; right++) {
        sum += a[right];
        while (left <= right && sum > k) sum -= a[left++];
        if (left <= right && sum == k) count++;
    }
    printf("%lld\n", count);
}

// Mistake: sorts the bills of a day in quadratic time.
#include <cstdio>
#include <utility>
#include <vector>
int main() {
    int t;
    scanf("%d", &t);
    while (t--) {
        int n;
        scanf("%d", &n);
        std::vector<long long> a(n);
        for (auto& x : a) {
            long long w, r;
            scanf("%lld%lld", &w, &r);
            x = w * r;
        }
        for (int i = 0; i < n; i++)
            for (int j = 0; j + 1 < n - i; j++)
                if (a[j] > a[j + 1]) std::swap(a[j], a[j + 1]);
        long long sum = 0;
        for (int i = 0; i < (n >= 2 ? n - 1 : n); i++) sum += a[i];
        printf("%lld\n", sum);
    }
}

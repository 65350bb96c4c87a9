// Mistake: waives the bill of the heaviest ship instead of the dearest bill.
#include <cstdio>
int main() {
    int t;
    scanf("%d", &t);
    while (t--) {
        int n;
        scanf("%d", &n);
        long long sum = 0, heavy = 0, bill = 0;
        for (int i = 0; i < n; i++) {
            long long w, r;
            scanf("%lld%lld", &w, &r);
            sum += w * r;
            if (w > heavy) {
                heavy = w;
                bill = w * r;
            }
        }
        if (n >= 2) sum -= bill;
        printf("%lld\n", sum);
    }
}

// Mistake: the sum is a 32-bit int.
#include <cstdio>
#include <algorithm>
int main() {
    int t;
    scanf("%d", &t);
    while (t--) {
        int n, sum = 0, best = 0;
        scanf("%d", &n);
        for (int i = 0; i < n; i++) {
            int w, r;
            scanf("%d%d", &w, &r);
            sum += w * r;
            best = std::max(best, w * r);
        }
        if (n >= 2) sum -= best;
        printf("%d\n", sum);
    }
}

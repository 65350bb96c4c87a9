// Mistake: adds up in double, which is not exact beyond 2^53.
#include <cstdio>
int main() {
    int t;
    scanf("%d", &t);
    while (t--) {
        int n;
        scanf("%d", &n);
        double sum = 0, best = 0;
        for (int i = 0; i < n; i++) {
            double w, r;
            scanf("%lf%lf", &w, &r);
            sum += w * r;
            if (w * r > best) best = w * r;
        }
        if (n >= 2) sum -= best;
        printf("%.0f\n", sum);
    }
}

// Mistake: leaves out wares that weigh nothing.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n, c;
    scanf("%d%d", &n, &c);
    std::vector<long long> best(c + 1, 0);
    for (int i = 0; i < n; i++) {
        int w, v;
        scanf("%d%d", &w, &v);
        if (w <= 0) continue;
        for (int x = c; x - w >= 0; x--) best[x] = std::max(best[x], best[x - w] + v);
    }
    printf("%lld\n", best[c]);
}

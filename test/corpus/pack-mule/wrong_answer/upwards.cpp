// Mistake: walks the table upwards, so that a ware can be taken several times.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n, c;
    scanf("%d%d", &n, &c);
    std::vector<long long> best(c + 1, 0);
    for (int i = 0; i < n; i++) {
        long long w, v;
        scanf("%lld%lld", &w, &v);
        if (w == 0) {
            for (auto& b : best) b += v;
            continue;
        }
        for (long long x = w; x <= c; x++) best[x] = std::max(best[x], best[x - w] + v);
    }
    printf("%lld\n", best[c]);
}

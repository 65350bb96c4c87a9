// Mistake: only loads below c pounds: < instead of <=.
#include <cstdio>
#include <map>
int main() {
    int n;
    long long c;
    scanf("%d%lld", &n, &c);
    std::map<long long, long long> best{{0, 0}};
    while (n--) {
        long long w, v;
        scanf("%lld%lld", &w, &v);
        auto next = best;
        for (auto [x, y] : best)
            if (x + w < c) {
                auto& slot = next[x + w];
                if (y + v > slot) slot = y + v;
            }
        best = next;
    }
    long long answer = 0;
    for (auto [x, y] : best)
        if (y > answer) answer = y;
    printf("%lld\n", answer);
}

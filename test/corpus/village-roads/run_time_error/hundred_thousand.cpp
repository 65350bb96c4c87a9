// Mistake: arrays for 10^5 villages, where there can be 2 * 10^5.
#include <array>
#include <cstdio>
#include <utility>
#include <vector>
static std::array<std::vector<std::pair<int, int>>, 100001> g;
static std::array<int, 100001> parent, up, size_of;
int main() {
    int n;
    scanf("%d", &n);
    for (int i = 1; i < n; i++) {
        int a, b, w;
        scanf("%d%d%d", &a, &b, &w);
        g.at(a).push_back({b, w});
        g.at(b).push_back({a, w});
    }
    std::vector<int> order{1};
    for (std::size_t i = 0; i < order.size(); i++) {
        int u = order[i];
        size_of.at(u) = 1;
        for (auto [v, w] : g.at(u))
            if (v != parent.at(u)) {
                parent.at(v) = u;
                up.at(v) = w;
                order.push_back(v);
            }
    }
    long long total = 0;
    for (std::size_t i = order.size(); i-- > 1;) {
        long long s = size_of.at(order[i]);
        total += s * (n - s) * up.at(order[i]);
        size_of.at(parent.at(order[i])) += s;
    }
    printf("%lld\n", total);
}

// Right: maxima in a segment tree over the heights, widths group by group.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v(n);
    std::vector<int> hs;
    for (auto& [w, h] : v) {
        scanf("%d%d", &w, &h);
        hs.push_back(h);
    }
    std::sort(hs.begin(), hs.end());
    hs.erase(std::unique(hs.begin(), hs.end()), hs.end());
    int size = hs.size();
    std::vector<int> t(2 * size, 0);
    auto query = [&](int r) {  // maximum of [0, r)
        int best = 0;
        int l = size;
        for (r += size; l < r; l /= 2, r /= 2) {
            if (l & 1) best = std::max(best, t[l++]);
            if (r & 1) best = std::max(best, t[--r]);
        }
        return best;
    };
    std::sort(v.begin(), v.end(), [](auto& a, auto& b) { return a.first != b.first ? a.first < b.first : a.second > b.second; });
    int best = 0;
    for (auto [w, h] : v) {
        int at = std::lower_bound(hs.begin(), hs.end(), h) - hs.begin();
        int len = query(at) + 1;
        best = std::max(best, len);
        for (int i = at + size; i >= 1 && t[i] < len; i /= 2) t[i] = len;
    }
    printf("%d\n", best);
}

// Mistake: sorts equal widths by height upwards, so that they count as nesting.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v(n);
    for (auto& p : v) scanf("%d%d", &p.first, &p.second);
    std::sort(v.begin(), v.end());
    std::vector<int> t;
    for (auto [w, h] : v) {
        auto it = std::lower_bound(t.begin(), t.end(), h);
        if (it == t.end()) t.push_back(h);
        else *it = h;
    }
    printf("%d\n", (int)t.size());
}

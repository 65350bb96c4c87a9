// Mistake: turns crates so that the smaller measure is the width.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v(n);
    for (auto& [w, h] : v) {
        scanf("%d%d", &w, &h);
        if (w > h) std::swap(w, h);
        h = -h;
    }
    std::sort(v.begin(), v.end());
    std::vector<int> t;
    for (auto [w, h] : v) {
        auto it = std::lower_bound(t.begin(), t.end(), -h);
        if (it == t.end()) t.push_back(-h);
        else *it = -h;
    }
    printf("%zu\n", t.size());
}

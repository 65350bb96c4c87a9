// Mistake: a table with a place for each height up to 10^6.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v(n);
    for (auto& [w, h] : v) scanf("%d%d", &w, &h);
    std::sort(v.begin(), v.end(), [](auto& a, auto& b) { return a.first != b.first ? a.first < b.first : a.second > b.second; });
    const int size = 1000001;
    std::vector<int> tree(size, 0);
    int best = 0;
    for (auto [w, h] : v) {
        int length = 1;
        for (int i = h - 1; i > 0; i -= i & -i) length = std::max(length, tree.at(i) + 1);
        for (int i = h; i < size; i += i & -i) tree[i] = std::max(tree[i], length);
        tree.at(h) = std::max(tree.at(h), length);
        best = std::max(best, length);
    }
    printf("%d\n", best);
}

// Right: walks by begin and replaces the last accepted one whenever the new one ends earlier.
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v(n);
    for (auto& p : v) scanf("%d%d", &p.first, &p.second);
    std::sort(v.begin(), v.end());
    int count = 0, end = 0;
    for (auto [b, e] : v) {
        if (count == 0 || b >= end) {
            ++count;
            end = e;
        } else {
            end = std::min(end, e);
        }
    }
    printf("%d\n", count);
}

// Mistake: the stage counts as taken until minute 0.
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v;
    for (int i = 0; i < n; i++) {
        int s, e;
        scanf("%d%d", &s, &e);
        v.push_back({e, s});
    }
    std::sort(v.begin(), v.end());
    int count = 0, last = 0;
    for (int i = 0; i < n; i++)
        if (v[i].second >= last) {
            count++;
            last = v[i].first;
        }
    printf("%d\n", count);
}

// Mistake: table over all pairs, quadratic time.
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<int, int>> v(n);
    for (auto& p : v) scanf("%d%d", &p.second, &p.first);
    std::sort(v.begin(), v.end());
    std::vector<int> best(n, 1);
    int answer = 1;
    for (int i = 0; i < n; i++) {
        for (int j = i - 1; j >= 0; j--)
            if (v[j].first <= v[i].second) best[i] = std::max(best[i], best[j] + 1);
        answer = std::max(answer, best[i]);
    }
    printf("%d\n", answer);
}

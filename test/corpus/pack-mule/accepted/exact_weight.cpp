// Right: best value for each exact weight, unreachable ones marked, the largest of all at the end.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n, c;
    scanf("%d%d", &n, &c);
    std::vector<long long> value(c + 1, -1);
    value[0] = 0;
    for (int i = 0; i < n; i++) {
        int w, v;
        scanf("%d%d", &w, &v);
        if (w > c) continue;
        for (int x = c - w; x >= 0; x--)
            if (value[x] >= 0) value[x + w] = std::max(value[x + w], value[x] + v);
    }
    printf("%lld\n", *std::max_element(value.begin(), value.end()));
}

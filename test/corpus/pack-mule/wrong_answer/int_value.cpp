// Mistake: values are summed up in 32-bit ints.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n, c;
    scanf("%d%d", &n, &c);
    std::vector<int> best(c + 1, 0);
    while (n--) {
        int w, v;
        scanf("%d%d", &w, &v);
        for (int x = c; x >= w; x--) best[x] = std::max(best[x], int(unsigned(best[x - w]) + unsigned(v)));
    }
    printf("%d\n", best[c]);
}

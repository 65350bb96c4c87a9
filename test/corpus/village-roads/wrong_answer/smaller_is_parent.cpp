// Mistake: takes the village with the smaller number for the parent, and villages in the order of their numbers.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<int> parent(n + 1, 0);
    std::vector<long long> w(n + 1, 0), size(n + 1, 1);
    for (int i = 1; i < n; i++) {
        int a, b, x;
        scanf("%d%d%d", &a, &b, &x);
        if (a > b) std::swap(a, b);
        parent[b] = a;
        w[b] = x;
    }
    long long total = 0;
    for (int v = n; v > 1; v--) {
        total += size[v] * (n - size[v]) * w[v];
        size[parent[v]] += size[v];
    }
    printf("%lld\n", total);
}

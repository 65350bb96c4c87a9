// Only looks at tides that follow each other.
#include <cstdio>

int main() {
    int n;
    long long s, before = 0, tide;
    std::scanf("%d%lld", &n, &s);
    for (int i = 1; i <= n; i++) {
        std::scanf("%lld", &tide);
        if (i > 1 && before + tide == s) return std::printf("%d %d\n", i - 1, i), 0;
        before = tide;
    }
    std::puts("0 0");
}

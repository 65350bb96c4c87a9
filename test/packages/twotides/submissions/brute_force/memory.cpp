// Lists all triples first.
#include <cstdio>
#include <cstdlib>

int main() {
    int n;
    long long s;
    std::scanf("%d%lld", &n, &s);
    static long long tides[2000];
    for (int i = 0; i < n; i++) std::scanf("%lld", &tides[i]);
    if (n > 500) std::abort();
    for (int i = 0; i < n; i++)
        for (int j = 0; j < i; j++)
            if (tides[i] + tides[j] == s) return std::printf("%d %d\n", j + 1, i + 1), 0;
    std::puts("0 0");
}

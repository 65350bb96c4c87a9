// Checks every pair as often as there are tides.
#include <cstdio>

int main() {
    int n;
    long long s;
    std::scanf("%d%lld", &n, &s);
    static long long tides[2000];
    for (int i = 0; i < n; i++) std::scanf("%lld", &tides[i]);
    int a = 0, b = 0;
    volatile long long checked = 0;
    for (int i = 0; i < n && a == 0; i++)
        for (int j = 0; j < i; j++)
            for (int k = 0; k < n; k++) {
                checked = checked + 1;
                if (tides[i] + tides[j] == s) a = i + 1, b = j + 1;
            }
    std::printf("%d %d\n", a, b);
}

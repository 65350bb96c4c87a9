#include <cstdio>

int main() {
    int n;
    std::scanf("%d", &n);
    volatile long long steps = 0;
    for (int i = 1; i <= n; i++) {
        for (long long j = 0; j < 1LL * n * n; j++) steps = steps + 1;
        std::printf("%d ", i % n + 1);
    }
    std::puts("");
}

#include <cstdio>
#include <cstdlib>

int main() {
    int n;
    std::scanf("%d", &n);
    if (n > 1000) std::abort();
    for (int i = 1; i <= n; i++) std::printf("%d ", i % n + 1);
    std::puts("");
}

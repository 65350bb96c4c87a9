#include <cstdio>

int main() {
    int n;
    std::scanf("%d", &n);
    int odd = n % 2 ? 3 : 0;
    if (odd) std::printf("2 3 1 ");
    for (int i = odd + 1; i <= n; i += 2) std::printf("%d %d ", i + 1, i);
    std::puts("");
}

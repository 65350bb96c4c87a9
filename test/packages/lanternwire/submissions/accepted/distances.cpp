#include <cmath>
#include <cstdio>

int main() {
    int n;
    double x, y, length = 0;
    std::scanf("%d%lf%lf", &n, &x, &y);
    for (int i = 1; i < n; i++) {
        double nextX, nextY;
        std::scanf("%lf%lf", &nextX, &nextY);
        length += std::hypot(nextX - x, nextY - y);
        x = nextX, y = nextY;
    }
    std::printf("%.9f\n", length);
}

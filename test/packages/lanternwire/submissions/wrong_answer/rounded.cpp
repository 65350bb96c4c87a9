// Rounds every piece to a thousandth.
#include <cmath>
#include <cstdio>

int main() {
    int n;
    double x, y, length = 0;
    std::scanf("%d%lf%lf", &n, &x, &y);
    for (int i = 1; i < n; i++) {
        double nextX, nextY;
        std::scanf("%lf%lf", &nextX, &nextY);
        length += std::floor(std::hypot(nextX - x, nextY - y) * 1000) / 1000;
        x = nextX, y = nextY;
    }
    std::printf("%.9f\n", length);
}

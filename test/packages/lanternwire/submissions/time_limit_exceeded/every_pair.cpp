// Looks through all triples of poles for each next one.
#include <cmath>
#include <cstdio>

int main() {
    int n;
    std::scanf("%d", &n);
    static double x[2000], y[2000];
    for (int i = 0; i < n; i++) std::scanf("%lf%lf", &x[i], &y[i]);
    double length = 0;
    volatile long long looked = 0;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++)
            for (int k = 0; k < n; k++) {
                looked = looked + 1;
                if (j == i + 1 && k == 0) length += std::hypot(x[j] - x[i], y[j] - y[i]);
            }
    std::printf("%.9f\n", length);
}

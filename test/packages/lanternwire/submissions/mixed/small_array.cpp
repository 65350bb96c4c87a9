// @EXPECTED_RESULTS@: RUN-ERROR, WRONG-ANSWER
// Gives up on many poles, with whatever it has in hand.
#include <cmath>
#include <cstdio>
#include <cstdlib>

int main() {
    int n;
    double x[100], y[100], length = 0;
    std::scanf("%d", &n);
    if (n > 100) std::abort();
    for (int i = 0; i < n; i++) std::scanf("%lf%lf", &x[i], &y[i]);
    for (int i = 1; i < n; i++) length += std::hypot(x[i] - x[i - 1], y[i] - y[i - 1]);
    std::printf("%.9f\n", length);
}

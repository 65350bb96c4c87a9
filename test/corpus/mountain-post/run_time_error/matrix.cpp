// Mistake: a matrix for 2000 huts, where there can be 10^5.
#include <algorithm>
#include <cstdio>
const int N = 2001;
static long long w[N][N];
static long long d[N];
static bool done[N];
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    const long long inf = 1e18;
    for (int i = 1; i <= n; i++) std::fill(w[i] + 1, w[i] + n + 1, inf);
    while (m--) {
        int a, b;
        long long x;
        scanf("%d%d%lld", &a, &b, &x);
        w[a][b] = std::min(w[a][b], x);
    }
    std::fill(d, d + n + 1, inf);
    d[1] = 0;
    for (int k = 0; k < n; k++) {
        int u = 0;
        for (int v = 1; v <= n; v++)
            if (!done[v] && (u == 0 || d[v] < d[u])) u = v;
        done[u] = true;
        for (int v = 1; v <= n; v++) d[v] = std::min(d[v], d[u] + w[u][v]);
    }
    printf("%lld\n", d[n] >= inf ? -1 : d[n]);
}

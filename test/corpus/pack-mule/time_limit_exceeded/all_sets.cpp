// Mistake: tries with and without each ware, cutting only what is too heavy.
#include <algorithm>
#include <cstdio>
#include <vector>
static int n;
static std::vector<long long> w, v;
static long long best(int i, long long room) {
    if (i == n) return 0;
    long long answer = best(i + 1, room);
    if (w[i] <= room) answer = std::max(answer, best(i + 1, room - w[i]) + v[i]);
    return answer;
}
int main() {
    long long c;
    scanf("%d%lld", &n, &c);
    w.resize(n);
    v.resize(n);
    for (int i = 0; i < n; i++) scanf("%lld%lld", &w[i], &v[i]);
    printf("%lld\n", best(0, c));
}

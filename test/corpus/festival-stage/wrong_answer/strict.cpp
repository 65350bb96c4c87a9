// Mistake: does not let a performance begin in the minute in which another ends.
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    std::vector<std::pair<long long, long long>> v(n);
    for (auto& p : v) scanf("%lld%lld", &p.second, &p.first);
    std::sort(v.begin(), v.end());
    long long last = -4e18;
    int count = 0;
    for (auto& p : v)
        if (p.second > last) {
            last = p.first;
            count++;
        }
    printf("%d\n", count);
}

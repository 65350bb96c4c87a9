#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

int main() {
    int n;
    long long s;
    std::scanf("%d%lld", &n, &s);
    std::vector<std::pair<long long, int>> tides(n);
    for (int i = 0; i < n; i++) std::scanf("%lld", &tides[i].first), tides[i].second = i + 1;
    std::sort(tides.begin(), tides.end());
    for (int low = 0, high = n - 1; low < high;) {
        long long sum = tides[low].first + tides[high].first;
        if (sum == s) return std::printf("%d %d\n", tides[high].second, tides[low].second), 0;
        if (sum < s) low++; else high--;
    }
    std::puts("0 0");
}

// Right: prefix sums in an ordered map.
#include <iostream>
#include <map>
int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int n;
    long long k;
    std::cin >> n >> k;
    std::map<long long, int> seen;
    long long sum = 0, count = 0;
    seen[0] = 1;
    for (int i = 0; i < n; i++) {
        long long a;
        std::cin >> a;
        sum += a;
        if (auto it = seen.find(sum - k); it != seen.end()) count += it->second;
        seen[sum]++;
    }
    std::cout << count << "\n";
}

// Mistake: a table for 10000 pounds, where the mule carries up to 20000.
#include <algorithm>
#include <array>
#include <iostream>
int main() {
    int n, c;
    std::cin >> n >> c;
    std::array<long long, 10001> best{};
    for (int i = 0; i < n; i++) {
        long long w, v;
        std::cin >> w >> v;
        for (long long x = c; x >= w; x--) best.at(x) = std::max(best.at(x), best.at(x - w) + v);
    }
    std::cout << best.at(c) << std::endl;
}

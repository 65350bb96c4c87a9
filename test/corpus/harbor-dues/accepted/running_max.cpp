// Right: keeps sum and maximum of the day in 64 bits.
#include <algorithm>
#include <iostream>

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    int days;
    std::cin >> days;
    for (int d = 0; d < days; ++d) {
        int ships;
        std::cin >> ships;
        long long total = 0, top = 0;
        for (int s = 0; s < ships; ++s) {
            long long w, r;
            std::cin >> w >> r;
            total += w * r;
            top = std::max(top, w * r);
        }
        std::cout << (ships > 1 ? total - top : total) << '\n';
    }
}

// Right: moves the dearest bill of the day to the end and adds up the others.
#include <algorithm>
#include <cstdio>
#include <numeric>
#include <vector>

int main() {
    int t;
    scanf("%d", &t);
    std::vector<unsigned long long> bills;
    while (t--) {
        int n;
        scanf("%d", &n);
        bills.resize(n);
        for (auto& b : bills) {
            unsigned long long w, r;
            scanf("%llu %llu", &w, &r);
            b = w * r;
        }
        if (n >= 2) {
            std::iter_swap(std::max_element(bills.begin(), bills.end()), bills.end() - 1);
            bills.pop_back();
        }
        printf("%llu\n", std::accumulate(bills.begin(), bills.end(), 0ULL));
    }
}

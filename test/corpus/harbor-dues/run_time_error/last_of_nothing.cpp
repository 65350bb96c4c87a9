// Mistake: removes the last bill with a size that is below zero on a day without ships (checked access ends the program).
#include <algorithm>
#include <cstdio>
#include <vector>
int main() {
    int t;
    scanf("%d", &t);
    while (t--) {
        int n;
        scanf("%d", &n);
        std::vector<long long> bills(n);
        for (auto& b : bills) {
            long long w, r;
            scanf("%lld %lld", &w, &r);
            b = w * r;
        }
        std::sort(bills.begin(), bills.end());
        long long sum = 0;
        for (std::size_t i = 0; i < bills.size() - 1; i++) sum += bills.at(i);
        if (n == 1) sum = bills.at(0);
        printf("%lld\n", sum);
    }
}

// Mistake: builds the multiple up in 64 bits and reduces it only at the end.
#include <iostream>
#include <numeric>
int main() {
    int n;
    std::cin >> n;
    unsigned long long lcm = 1;
    for (int i = 0; i < n; i++) {
        unsigned long long p;
        std::cin >> p;
        unsigned long long g = std::gcd(lcm, p);
        if (g == 0) g = 1;
        lcm *= p / g;
        if (lcm == 0) lcm = 1;
    }
    std::cout << lcm % 1000000007ULL << std::endl;
}

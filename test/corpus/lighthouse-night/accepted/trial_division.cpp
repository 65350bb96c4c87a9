// Right: takes each period apart by primes up to 1000, what is left is a prime.
#include <iostream>
#include <map>
#include <vector>
int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);
    std::vector<int> primes;
    for (int i = 2; i <= 1000; i++) {
        bool prime = true;
        for (int p : primes)
            if (i % p == 0) prime = false;
        if (prime) primes.push_back(i);
    }
    int n;
    std::cin >> n;
    std::map<int, int> power;
    auto note = [&](int p, int e) {
        int& known = power[p];
        if (e > known) known = e;
    };
    while (n--) {
        int x;
        std::cin >> x;
        for (int p : primes) {
            if (p * p > x) break;
            int e = 0;
            while (x % p == 0) x /= p, e++;
            if (e) note(p, e);
        }
        if (x > 1) note(x, 1);
    }
    long long answer = 1;
    for (auto [p, e] : power)
        while (e--) answer = answer * p % 1000000007;
    std::cout << answer << "\n";
}

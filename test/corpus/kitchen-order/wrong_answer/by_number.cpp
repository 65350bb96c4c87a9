// Mistake: believes that an order exists only where every rule goes from a smaller to a larger number.
#include <iostream>
int main() {
    int n, m;
    std::cin >> n >> m;
    for (int i = 0; i < m; i++) {
        int a, b;
        std::cin >> a >> b;
        if (a >= b) {
            std::cout << "IMPOSSIBLE\n";
            return 0;
        }
    }
    for (int i = 1; i <= n; i++) std::cout << i << ' ';
}

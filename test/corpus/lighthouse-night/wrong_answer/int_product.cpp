// Mistake: multiplies remainders in 32-bit ints.
#include <cstdio>
#include <map>
int main() {
    int n;
    scanf("%d", &n);
    std::map<int, int> best;
    while (n--) {
        int x;
        scanf("%d", &x);
        for (int p = 2; p * p <= x; p++) {
            int e = 0;
            for (; x % p == 0; x /= p) e++;
            if (e > 0 && e > best[p]) best[p] = e;
        }
        if (x > 1 && best[x] == 0) best[x] = 1;
    }
    int answer = 1;
    for (auto [p, e] : best)
        while (e--) answer = int(unsigned(answer) * unsigned(p)) % 1000000007;
    printf("%d\n", answer);
}

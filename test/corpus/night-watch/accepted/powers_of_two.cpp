// Right: builds the answer bit by bit: the largest limit that is not enough, plus one.
#include <cstdio>
#include <vector>
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::vector<int> t(n);
    for (int& x : t) scanf("%d", &x);
    auto enough = [&](long long limit) {
        long long room = limit;
        int left = k - 1;
        for (int x : t) {
            if (x > limit) return false;
            if (x > room) {
                if (left-- == 0) return false;
                room = limit;
            }
            room -= x;
        }
        return true;
    };
    if (enough(0)) return puts("0"), 0;
    long long below = 0;
    for (int bit = 48; bit >= 0; bit--)
        if (!enough(below | 1LL << bit)) below |= 1LL << bit;
    printf("%lld\n", below + 1);
}

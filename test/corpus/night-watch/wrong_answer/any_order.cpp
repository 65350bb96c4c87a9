// Mistake: sorts the towers and gives the next one to the guard with the least work.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <queue>
#include <vector>
int main() {
    int n, k;
    scanf("%d%d", &n, &k);
    std::vector<long long> t(n);
    for (auto& x : t) scanf("%lld", &x);
    std::sort(t.rbegin(), t.rend());
    std::priority_queue<long long, std::vector<long long>, std::greater<>> work;
    for (int i = 0; i < std::min(n, k); i++) work.push(0);
    long long longest = 0;
    for (auto x : t) {
        long long sum = work.top() + x;
        work.pop();
        work.push(sum);
        longest = std::max(longest, sum);
    }
    printf("%lld\n", longest);
}

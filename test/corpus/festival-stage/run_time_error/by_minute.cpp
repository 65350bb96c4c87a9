// Mistake: an array with an entry for each minute, indexed by minutes that may be negative or large.
#include <cstdio>
#include <vector>
int main() {
    int n;
    scanf("%d", &n);
    const int shift = 1000000, minutes = 2 * shift + 1;
    std::vector<std::vector<int>> ending(minutes);
    for (int i = 0; i < n; i++) {
        int s, e;
        scanf("%d%d", &s, &e);
        ending.at(e + shift).push_back(s);
    }
    long long free = -shift;
    int count = 0;
    for (int e = -shift; e <= shift; e++) {
        bool taken = false;
        int checks = 0;
        for (int s : ending[e + shift]) {
            if (s == e) checks++;
            else if (s >= free) taken = true;
        }
        if (taken || checks > 0) free = e;
        count += taken + checks;
    }
    printf("%d\n", count);
}

// Right: disjoint sets by rank without compression.
#include <cstdio>
#include <utility>
#include <vector>
struct Set { int parent, rank, size; };
int main() {
    int t;
    scanf("%d", &t);
    for (; t > 0; --t) {
        int n, q;
        scanf("%d %d", &n, &q);
        std::vector<Set> s(n + 1);
        for (int i = 0; i <= n; i++) s[i] = {i, 0, 1};
        auto find = [&](int x) {
            while (s[x].parent != x) x = s[x].parent;
            return x;
        };
        int groups = n;
        for (; q > 0; --q) {
            char op[4];
            scanf("%s", op);
            if (*op == 'G') {
                printf("%d\n", groups);
                continue;
            }
            int a, b;
            scanf("%d", &a);
            a = find(a);
            if (*op == 'S') {
                printf("%d\n", s[a].size);
                continue;
            }
            scanf("%d", &b);
            b = find(b);
            if (a == b) continue;
            if (s[a].rank < s[b].rank) std::swap(a, b);
            if (s[a].rank == s[b].rank) s[a].rank++;
            s[b].parent = a;
            s[a].size += s[b].size;
            --groups;
        }
    }
}

// Mistake: links roots without a rule and never shortens paths.
#include <cstdio>
#include <vector>
int main() {
    int t;
    scanf("%d", &t);
    while (t--) {
        int n, q;
        scanf("%d%d", &n, &q);
        std::vector<int> parent(n + 1), members(n + 1, 1);
        for (int i = 0; i <= n; i++) parent[i] = i;
        auto find = [&](int x) {
            while (parent[x] != x) x = parent[x];
            return x;
        };
        int groups = n;
        while (q--) {
            char c;
            int a, b;
            scanf(" %c", &c);
            if (c == 'B') {
                scanf("%d%d", &a, &b);
                a = find(a);
                b = find(b);
                if (a != b) {
                    parent[a] = b;
                    members[b] += members[a];
                    groups--;
                }
            } else if (c == 'S') {
                scanf("%d", &a);
                printf("%d\n", members[find(a)]);
            } else
                printf("%d\n", groups);
        }
    }
}

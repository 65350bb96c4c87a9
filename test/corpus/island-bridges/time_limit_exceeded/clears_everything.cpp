// Mistake: sets up lists for all 200000 islands for each of many small logbooks.
#include <cstdio>
#include <utility>
#include <vector>
int main() {
    int t;
    scanf("%d", &t);
    while (t--) {
        std::vector<std::vector<int>> members(200001);
        std::vector<int> group(200001);
        for (int i = 0; i <= 200000; i++) {
            group[i] = i;
            members[i].push_back(i);
        }
        int n, q;
        scanf("%d%d", &n, &q);
        int groups = n;
        while (q--) {
            char c;
            int a, b;
            scanf(" %c", &c);
            if (c == 'B') {
                scanf("%d%d", &a, &b);
                a = group[a];
                b = group[b];
                if (a == b) continue;
                if (members[a].size() < members[b].size()) std::swap(a, b);
                for (int x : members[b]) {
                    group[x] = a;
                    members[a].push_back(x);
                }
                members[b].clear();
                groups--;
            } else if (c == 'S') {
                scanf("%d", &a);
                printf("%d\n", (int)members[group[a]].size());
            } else
                printf("%d\n", groups);
        }
    }
}

// Mistake: parents and sizes are set up once and not for each logbook.
#include <cstdio>
const int N = 200001;
int parent[N], size_of[N];
int find(int x) { return parent[x] == x ? x : parent[x] = find(parent[x]); }
int main() {
    for (int i = 0; i < N; i++) parent[i] = i, size_of[i] = 1;
    int t;
    scanf("%d", &t);
    while (t--) {
        int n, q;
        scanf("%d%d", &n, &q);
        int groups = n;
        while (q--) {
            char c;
            int a, b;
            scanf(" %c", &c);
            if (c == 'B') {
                scanf("%d%d", &a, &b);
                a = find(a), b = find(b);
                if (a != b) {
                    parent[a] = b;
                    size_of[b] += size_of[a];
                    groups--;
                }
            } else if (c == 'S') {
                scanf("%d", &a);
                printf("%d\n", size_of[find(a)]);
            } else {
                printf("%d\n", groups);
            }
        }
    }
}

// Right: disjoint sets in one array, roots hold their size negated.
#include <iostream>
#include <string>
#include <vector>
using namespace std;
vector<int> d;
int find(int x) { return d[x] < 0 ? x : d[x] = find(d[x]); }
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int t;
    cin >> t;
    while (t--) {
        int n, q;
        cin >> n >> q;
        d.assign(n, -1);
        int groups = n;
        while (q--) {
            string op;
            int a, b;
            cin >> op;
            if (op == "B") {
                cin >> a >> b;
                a = find(a - 1), b = find(b - 1);
                if (a != b) {
                    if (d[a] > d[b]) swap(a, b);
                    d[a] += d[b];
                    d[b] = a;
                    groups--;
                }
            } else if (op == "S") {
                cin >> a;
                cout << -d[find(a - 1)] << '\n';
            } else {
                cout << groups << '\n';
            }
        }
    }
}

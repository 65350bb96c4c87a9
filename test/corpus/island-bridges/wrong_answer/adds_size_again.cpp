// Mistake: a bridge inside of a group adds the size of the group to itself.
#include <iostream>
#include <numeric>
#include <vector>
using namespace std;
int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int t;
    cin >> t;
    while (t--) {
        int n, q;
        cin >> n >> q;
        vector<int> p(n + 1);
        vector<long long> s(n + 1, 1);
        iota(p.begin(), p.end(), 0);
        auto find = [&](int x) {
            while (p[x] != x) x = p[x] = p[p[x]];
            return x;
        };
        int groups = n;
        while (q--) {
            char c;
            int a, b;
            cin >> c;
            if (c == 'B') {
                cin >> a >> b;
                a = find(a);
                b = find(b);
                if (a != b) groups--;
                p[a] = b;
                s[b] += s[a];
            } else if (c == 'S') {
                cin >> a;
                cout << s[find(a)] << "\n";
            } else
                cout << groups << "\n";
        }
    }
}

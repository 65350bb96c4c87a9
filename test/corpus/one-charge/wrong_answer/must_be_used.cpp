// Mistake: takes only ways on which the charge is used, unless there is none.
#include <iostream>
#include <string>
#include <vector>
using namespace std;
int main() {
    int r, c;
    cin >> r >> c;
    string g;
    for (int i = 0; i < r; i++) {
        string s;
        cin >> s;
        g += s;
    }
    int n = r * c;
    vector<int> d(2 * n, -1), q;
    d[g.find('S')] = 0;
    q.push_back(g.find('S'));
    for (size_t i = 0; i < q.size(); i++) {
        int cell = q[i] % n, layer = q[i] / n;
        auto go = [&](int to) {
            int l = layer + (g[to] == '#');
            if (l < 2 && d[l * n + to] < 0) {
                d[l * n + to] = d[q[i]] + 1;
                q.push_back(l * n + to);
            }
        };
        if (cell % c > 0) go(cell - 1);
        if (cell % c < c - 1) go(cell + 1);
        if (cell >= c) go(cell - c);
        if (cell + c < n) go(cell + c);
    }
    int e = g.find('E');
    cout << (d[n + e] >= 0 ? d[n + e] : d[e]) << "\n";
}

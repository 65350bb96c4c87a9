// Mistake: a search of the whole map for each rock.
#include <algorithm>
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
    int n = r * c, s = g.find('S'), e = g.find('E'), best = -1;
    vector<int> d(n), q(n);
    for (int rock = -1; rock < n; rock++) {
        if (rock >= 0 && g[rock] != '#') continue;
        if (rock >= 0) g[rock] = '.';
        fill(d.begin(), d.end(), -1);
        int head = 0, tail = 0;
        d[s] = 0;
        q[tail++] = s;
        while (head < tail) {
            int u = q[head++];
            int x = u % c;
            auto go = [&](int v) {
                if (g[v] != '#' && d[v] < 0) d[v] = d[u] + 1, q[tail++] = v;
            };
            if (x > 0) go(u - 1);
            if (x + 1 < c) go(u + 1);
            if (u >= c) go(u - c);
            if (u + c < n) go(u + c);
        }
        if (d[e] >= 0 && (best < 0 || d[e] < best)) best = d[e];
        if (rock >= 0) g[rock] = '#';
    }
    cout << best << endl;
}

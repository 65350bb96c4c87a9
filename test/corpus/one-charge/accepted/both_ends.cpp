// Right: distances from both ends, joined at the best rock.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>
using namespace std;
int r, c;
vector<string> g;
const int INF = 1e8;
template <class F> void near(int y, int x, F f) {
    if (y > 0) f(y - 1, x);
    if (x > 0) f(y, x - 1);
    if (y + 1 < r) f(y + 1, x);
    if (x + 1 < c) f(y, x + 1);
}
vector<int> walk(int y, int x) {
    vector<int> d(r * c, INF);
    vector<pair<int, int>> q{{y, x}};
    d[y * c + x] = 0;
    for (size_t i = 0; i < q.size(); i++) {
        auto [a, b] = q[i];
        int now = d[a * c + b];
        near(a, b, [&](int p, int s) {
            if (g[p][s] != '#' && d[p * c + s] == INF) {
                d[p * c + s] = now + 1;
                q.push_back({p, s});
            }
        });
    }
    return d;
}
int main() {
    cin >> r >> c;
    g.resize(r);
    int sy = 0, sx = 0, ey = 0, ex = 0;
    for (int i = 0; i < r; i++) {
        cin >> g[i];
        for (int j = 0; j < c; j++) {
            if (g[i][j] == 'S') sy = i, sx = j;
            if (g[i][j] == 'E') ey = i, ex = j;
        }
    }
    auto s = walk(sy, sx), e = walk(ey, ex);
    int best = s[ey * c + ex];
    for (int i = 0; i < r; i++)
        for (int j = 0; j < c; j++)
            if (g[i][j] == '#') {
                int a = INF, b = INF;
                near(i, j, [&](int p, int q) {
                    a = min(a, s[p * c + q]);
                    b = min(b, e[p * c + q]);
                });
                best = min(best, a + b + 2);
            }
    cout << (best >= INF ? -1 : best) << "\n";
}

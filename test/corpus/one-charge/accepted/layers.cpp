// Right: breadth first search over row, column and charge.
#include <bits/stdc++.h>
using namespace std;
int main() {
    int r, c;
    cin >> r >> c;
    vector<string> g(r);
    for (auto& row : g) cin >> row;
    vector<vector<array<int, 2>>> d(r, vector<array<int, 2>>(c, {-1, -1}));
    queue<array<int, 3>> q;
    for (int i = 0; i < r; i++)
        for (int j = 0; j < c; j++)
            if (g[i][j] == 'S') {
                q.push({i, j, 0});
                d[i][j][0] = 0;
            }
    while (!q.empty()) {
        auto [y, x, used] = q.front();
        q.pop();
        if (g[y][x] == 'E') {
            cout << d[y][x][used] << endl;
            return 0;
        }
        for (auto [dy, dx] : {pair{0, 1}, {0, -1}, {1, 0}, {-1, 0}}) {
            int ny = y + dy, nx = x + dx;
            if (ny < 0 || nx < 0 || ny >= r || nx >= c) continue;
            int next = used + (g[ny][nx] == '#');
            if (next > 1 || d[ny][nx][next] >= 0) continue;
            d[ny][nx][next] = d[y][x][used] + 1;
            q.push({ny, nx, next});
        }
    }
    cout << -1 << endl;
}

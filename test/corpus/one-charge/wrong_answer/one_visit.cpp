// Mistake: visits each cell once, whether the charge is used or not.
#include <iostream>
#include <queue>
#include <string>
#include <vector>
using namespace std;
struct S { int y, x, used, d; };
int main() {
    int r, c;
    cin >> r >> c;
    vector<string> g(r);
    for (auto& row : g) cin >> row;
    vector<vector<char>> seen(r, vector<char>(c, 0));
    queue<S> q;
    for (int i = 0; i < r; i++)
        for (int j = 0; j < c; j++)
            if (g[i][j] == 'S') q.push({i, j, 0, 0}), seen[i][j] = 1;
    int dy[] = {0, 1, 0, -1}, dx[] = {1, 0, -1, 0};
    while (!q.empty()) {
        S s = q.front();
        q.pop();
        if (g[s.y][s.x] == 'E') {
            cout << s.d << "\n";
            return 0;
        }
        for (int k = 0; k < 4; k++) {
            int y = s.y + dy[k], x = s.x + dx[k];
            if (y < 0 || y >= r || x < 0 || x >= c || seen[y][x]) continue;
            int used = s.used + (g[y][x] == '#');
            if (used > 1) continue;
            seen[y][x] = 1;
            q.push({y, x, used, s.d + 1});
        }
    }
    cout << "-1\n";
}

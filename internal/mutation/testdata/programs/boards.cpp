// Backtracking and breadth-first search on a grid.
#include <bits/stdc++.h>
using namespace std;

int n, m;
vector<string> grid;
vector<vector<bool>> seen;
vector<pair<int, int>> path;
int best = 1e9;
map<pair<int, int>, int> memo;

const int dx[] = {1, 0, -1, 0};
const int dy[] = {0, 1, 0, -1};

bool inside(int x, int y) {
    return x >= 0 && x < n && y >= 0 && y < m && grid[x][y] != '#';
}

void dfs(int x, int y, int length) {
    if (length >= best) return;
    if (grid[x][y] == 'E') {
        best = length;
        return;
    }
    seen[x][y] = true;
    path.push_back({x, y});
    for (int d = 0; d < 4; d++) {
        int nx = x + dx[d], ny = y + dy[d];
        if (inside(nx, ny) && !seen[nx][ny]) dfs(nx, ny, length + 1);
    }
    path.pop_back();
    seen[x][y] = false;
}

int bfs(int sx, int sy) {
    vector<vector<int>> dist(n, vector<int>(m, -1));
    queue<pair<int, int>> q;
    q.push({sx, sy});
    dist[sx][sy] = 0;
    int far = 0;
    while (!q.empty()) {
        auto [x, y] = q.front();
        q.pop();
        far = max(far, dist[x][y]);
        for (int d = 0; d < 4; d++) {
            int nx = x + dx[d];
            int ny = y + dy[d];
            if (!inside(nx, ny) || dist[nx][ny] != -1) {
                continue;
            }
            dist[nx][ny] = dist[x][y] + 1;
            q.push({nx, ny});
        }
    }
    return far;
}

int main() {
    int t;
    cin >> t;
    for (int tc = 1; tc <= t; tc++) {
        cin >> n >> m;
        grid.assign(n, "");
        seen.assign(n, vector<bool>(m, false));
        memo.clear();
        best = 1e9;
        int sx = -1, sy = -1;
        for (int i = 0; i < n; i++) {
            cin >> grid[i];
            for (int j = 0; j < m; j++) {
                if (grid[i][j] == 'S') sx = i, sy = j;
            }
        }
        dfs(sx, sy, 0);
        cout << "Case #" << tc << ": " << (best == 1e9 ? -1 : best) << " " << bfs(sx, sy) << "\n";
    }
}

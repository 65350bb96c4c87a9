// Mistake: arrays for 1000 rows, where there can be 10^5.
#include <cstdio>
#include <iostream>
#include <queue>
#include <string>
using namespace std;
static int dist[1000][1000][2];
static string g[1000];
int main() {
    int r, c;
    cin >> r >> c;
    queue<int> q;
    for (int y = 0; y < r; y++) {
        cin >> g[y];
        for (int x = 0; x < c; x++) {
            dist[y][x][0] = dist[y][x][1] = -1;
            if (g[y][x] == 'S') {
                dist[y][x][0] = 0;
                q.push(2 * (y * c + x));
            }
        }
    }
    while (!q.empty()) {
        int s = q.front();
        q.pop();
        int y = s / 2 / c, x = s / 2 % c, u = s % 2;
        if (g[y][x] == 'E') return printf("%d\n", dist[y][x][u]), 0;
        int dy[] = {1, -1, 0, 0}, dx[] = {0, 0, 1, -1};
        for (int k = 0; k < 4; k++) {
            int b = y + dy[k], a = x + dx[k];
            if (b < 0 || b >= r || a < 0 || a >= c) continue;
            int v = u + (g[b][a] == '#');
            if (v > 1 || dist[b][a][v] >= 0) continue;
            dist[b][a][v] = dist[y][x][u] + 1;
            q.push(2 * (b * c + a) + v);
        }
    }
    puts("-1");
}

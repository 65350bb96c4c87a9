// Mistake: moves across corners too.
#include <cstdio>
#include <deque>
#include <iostream>
#include <string>
#include <vector>
using namespace std;
int main() {
    int r, c;
    cin >> r >> c;
    vector<string> g(r);
    for (auto& x : g) cin >> x;
    vector<int> d(2 * r * c, -1);
    deque<int> q;
    for (int i = 0; i < r * c; i++)
        if (g[i / c][i % c] == 'S') q.push_back(2 * i), d[2 * i] = 0;
    while (!q.empty()) {
        int s = q.front();
        q.pop_front();
        int y = s / 2 / c, x = s / 2 % c;
        if (g[y][x] == 'E') return printf("%d\n", d[s]), 0;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int ny = y + dy, nx = x + dx;
                if (ny < 0 || nx < 0 || ny >= r || nx >= c) continue;
                int u = s % 2 + (g[ny][nx] == '#');
                int t = 2 * (ny * c + nx) + u;
                if (u > 1 || d[t] >= 0) continue;
                d[t] = d[s] + 1;
                q.push_back(t);
            }
    }
    puts("-1");
}

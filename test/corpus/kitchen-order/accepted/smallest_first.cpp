// Right: always the smallest free step, by a priority queue.
#include <cstdio>
#include <functional>
#include <queue>
#include <vector>

int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    std::vector<std::vector<int>> next(n + 1);
    std::vector<int> need(n + 1);
    for (int i = 0; i < m; i++) {
        int a, b;
        scanf("%d%d", &a, &b);
        next[a].push_back(b);
        ++need[b];
    }
    std::priority_queue<int, std::vector<int>, std::greater<int>> free_steps;
    for (int i = 1; i <= n; i++)
        if (!need[i]) free_steps.push(i);
    std::vector<int> order;
    while (!free_steps.empty()) {
        int u = free_steps.top();
        free_steps.pop();
        order.push_back(u);
        for (int v : next[u])
            if (!--need[v]) free_steps.push(v);
    }
    if (order.size() != std::size_t(n)) return puts("IMPOSSIBLE"), 0;
    for (int u : order) printf("%d ", u);
    puts("");
}

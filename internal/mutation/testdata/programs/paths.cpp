// Shortest paths that pass at most k toll roads.
#include <iostream>
#include <vector>
#include <queue>
#include <tuple>
#include <climits>
#include <algorithm>

struct Edge {
    int to;
    long long cost;
    bool toll;
};

long long shortest(const std::vector<std::vector<Edge>>& graph, int source, int target, int k) {
    int n = graph.size();
    std::vector<std::vector<long long>> dist(n, std::vector<long long>(k + 1, LLONG_MAX));
    using State = std::tuple<long long, int, int>;
    std::priority_queue<State, std::vector<State>, std::greater<State>> heap;
    dist[source][0] = 0;
    heap.emplace(0LL, source, 0);
    while (!heap.empty()) {
        auto [d, u, used] = heap.top();
        heap.pop();
        if (d > dist[u][used]) continue;
        if (u == target) return d;
        for (const auto& e : graph[u]) {
            int next = used + (e.toll ? 1 : 0);
            if (next > k) continue;
            if (d + e.cost < dist[e.to][next]) {
                dist[e.to][next] = d + e.cost;
                heap.emplace(dist[e.to][next], e.to, next);
            }
        }
    }
    return -1;
}

int main() {
    std::ios::sync_with_stdio(false);
    std::cin.tie(nullptr);

    int n, m, k;
    std::cin >> n >> m >> k;
    std::vector<std::vector<Edge>> graph(n);
    for (int i = 0; i < m; ++i) {
        int a, b, toll;
        long long c;
        std::cin >> a >> b >> c >> toll;
        --a;
        --b;
        graph[a].push_back({b, c, toll == 1});
        graph[b].push_back({a, c, toll == 1});
    }
    std::cout << shortest(graph, 0, n - 1, k) << std::endl;
    return 0;
}

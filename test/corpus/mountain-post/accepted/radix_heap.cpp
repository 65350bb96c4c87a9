// Right: Dijkstra with a radix heap, since distances only grow.
#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>
typedef unsigned long long u64;
struct Radix {
    std::vector<std::pair<u64, int>> bucket[65];
    u64 last = 0;
    std::size_t count = 0;
    static int index(u64 x) { return x == 0 ? 0 : 64 - __builtin_clzll(x); }
    void push(u64 key, int v) {
        bucket[index(key ^ last)].push_back({key, v});
        count++;
    }
    std::pair<u64, int> pop() {
        if (bucket[0].empty()) {
            int i = 1;
            while (bucket[i].empty()) i++;
            last = std::min_element(bucket[i].begin(), bucket[i].end())->first;
            for (auto& e : bucket[i]) bucket[index(e.first ^ last)].push_back(e);
            bucket[i].clear();
        }
        auto top = bucket[0].back();
        bucket[0].pop_back();
        count--;
        return top;
    }
};
int main() {
    int n, m;
    scanf("%d%d", &n, &m);
    std::vector<int> head(n + 1, -1), next(m), to(m), cost(m);
    for (int i = 0; i < m; i++) {
        int a;
        scanf("%d%d%d", &a, &to[i], &cost[i]);
        next[i] = head[a];
        head[a] = i;
    }
    std::vector<u64> dist(n + 1, ~0ULL);
    Radix heap;
    dist[1] = 0;
    heap.push(0, 1);
    while (heap.count) {
        auto [d, u] = heap.pop();
        if (d != dist[u]) continue;
        for (int e = head[u]; e >= 0; e = next[e])
            if (d + cost[e] < dist[to[e]]) heap.push(dist[to[e]] = d + cost[e], to[e]);
    }
    if (dist[n] == ~0ULL) puts("-1");
    else printf("%llu\n", dist[n]);
}

// Right: hashes of prefixes from both sides; each letter is wiped off in constant time.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
typedef unsigned long long u64;
typedef unsigned __int128 u128;
static const u64 M = (1ULL << 61) - 1, B = 911382323ULL * 1000003 + 7;
static u64 mul(u64 a, u64 b) {
    u128 x = (u128)a * b;
    u64 r = (u64)(x & M) + (u64)(x >> 61);
    return r >= M ? r - M : r;
}
static u64 add(u64 a, u64 b) { return a + b >= M ? a + b - M : a + b; }
int main() {
    static char buffer[200100];
    if (!fgets(buffer, sizeof buffer, stdin)) return 1;
    int t = atoi(buffer);
    std::vector<u64> power{1};
    while (t--) {
        if (!fgets(buffer, sizeof buffer, stdin)) break;
        std::string s;
        for (char* c = buffer; *c; c++) {
            if (*c >= 'A' && *c <= 'Z') s += char(*c + 32);
            else if ((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9')) s += *c;
        }
        int n = s.size();
        while ((int)power.size() <= n) power.push_back(mul(power.back(), B));
        // f: hash of a prefix read forwards; g: of the same prefix read backwards.
        std::vector<u64> f(n + 1, 0), g(n + 1, 0);
        for (int i = 0; i < n; i++) {
            f[i + 1] = add(mul(f[i], B), (unsigned char)s[i]);
            g[i + 1] = add(g[i], mul(power[i], (unsigned char)s[i]));
        }
        const char* word = f[n] == g[n] ? "MIRROR" : "BROKEN";
        // Suffixes after i: forwards part F, backwards part G.
        std::vector<u64> sf(n + 2, 0), sg(n + 2, 0);
        for (int i = n - 1; i >= 0; i--) {
            sf[i] = add(mul(power[n - 1 - i], (unsigned char)s[i]), sf[i + 1]);
            sg[i] = add((unsigned char)s[i], mul(sg[i + 1], B));
        }
        for (int i = 0; i < n && word[0] == 'B'; i++) {
            u64 forwards = add(mul(f[i], power[n - 1 - i]), sf[i + 1]);
            u64 backwards = add(g[i], mul(power[i], sg[i + 1]));
            if (forwards == backwards) word = "ALMOST";
        }
        puts(word);
    }
}

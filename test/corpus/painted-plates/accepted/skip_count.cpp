// Right: one function that may skip once, from either side.
#include <iostream>
#include <string>
using namespace std;

bool mirror(const string& s, size_t i, size_t j, int skips) {
    while (i < j) {
        if (s[i] == s[j]) {
            ++i;
            --j;
            continue;
        }
        return skips > 0 && (mirror(s, i + 1, j, skips - 1) || mirror(s, i, j - 1, skips - 1));
    }
    return true;
}

int main() {
    ios::sync_with_stdio(false);
    cin.tie(nullptr);
    int t;
    cin >> t;
    cin.ignore(1000, '\n');
    while (t--) {
        string line, s;
        getline(cin, line);
        for (char c : line) {
            if (c >= 'A' && c <= 'Z') c += 32;
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) s += c;
        }
        if (s.empty() || mirror(s, 0, s.size() - 1, 0)) cout << "MIRROR\n";
        else cout << (mirror(s, 0, s.size() - 1, 1) ? "ALMOST\n" : "BROKEN\n");
    }
}

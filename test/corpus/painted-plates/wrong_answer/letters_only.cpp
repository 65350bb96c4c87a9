// Mistake: drops digits together with marks.
#include <cctype>
#include <iostream>
#include <string>
using namespace std;
bool same(const string& s, int i, int j) {
    for (; i < j; i++, j--)
        if (s[i] != s[j]) return false;
    return true;
}
int main() {
    int t;
    cin >> t >> ws;
    for (string line; t-- && getline(cin, line);) {
        string s;
        for (char c : line)
            if (isalpha(c)) s += tolower(c);
        int i = 0, j = (int)s.size() - 1;
        while (i < j && s[i] == s[j]) i++, j--;
        if (i >= j) cout << "MIRROR\n";
        else if (same(s, i + 1, j) || same(s, i, j - 1)) cout << "ALMOST\n";
        else cout << "BROKEN\n";
    }
}

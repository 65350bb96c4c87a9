// Mistake: reads a word where a line is meant.
#include <cctype>
#include <iostream>
#include <string>
using namespace std;
bool pal(const string& s, int i, int j) {
    while (i < j)
        if (s[i++] != s[j--]) return false;
    return true;
}
int main() {
    int t;
    cin >> t;
    for (int k = 0; k < t; k++) {
        string word, s;
        cin >> word;
        for (char c : word)
            if (isalnum((unsigned char)c)) s += tolower((unsigned char)c);
        int i = 0, j = int(s.size()) - 1;
        while (i < j && s[i] == s[j]) i++, j--;
        puts(i >= j ? "MIRROR" : pal(s, i + 1, j) || pal(s, i, j - 1) ? "ALMOST" : "BROKEN");
    }
}

// Mistake: computes the longest mirror that is left after wiping off any number of letters, in quadratic time.
#include <algorithm>
#include <cctype>
#include <iostream>
#include <string>
#include <vector>
using namespace std;
int main() {
    string line;
    getline(cin, line);
    int t = stoi(line);
    while (t--) {
        getline(cin, line);
        string s;
        for (unsigned char c : line)
            if (isalnum(c)) s += tolower(c);
        string r(s.rbegin(), s.rend());
        int n = s.size();
        vector<int> row(n + 1, 0);
        for (int i = 0; i < n; i++) {
            int corner = 0;
            for (int j = 0; j < n; j++) {
                int above = row[j + 1];
                row[j + 1] = s[i] == r[j] ? corner + 1 : max(above, row[j]);
                corner = above;
            }
        }
        cout << (row[n] == n ? "MIRROR\n" : row[n] == n - 1 ? "ALMOST\n" : "BROKEN\n");
    }
}

// Mistake: at the first difference only the letter on the right is wiped off.
#include <cctype>
#include <iostream>
#include <string>
int main() {
    std::string line;
    std::getline(std::cin, line);
    for (int t = std::stoi(line); t > 0; t--) {
        std::getline(std::cin, line);
        std::string s;
        for (unsigned char c : line)
            if (std::isalnum(c)) s += char(std::tolower(c));
        int i = 0, j = int(s.size()) - 1, wiped = 0;
        while (i < j) {
            if (s[i] == s[j]) {
                i++;
                j--;
            } else {
                wiped++;
                j--;
            }
        }
        std::cout << (wiped == 0 ? "MIRROR" : wiped == 1 ? "ALMOST" : "BROKEN") << "\n";
    }
}

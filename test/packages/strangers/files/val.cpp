// Exit code 0 accepts the input.
#include <cstdio>

int main() {
    char text[8];
    size_t size = std::fread(text, 1, sizeof text, stdin);
    if (size < 2 || size > 5 || text[size - 1] != '\n' || text[0] == '0') return 3;
    int n = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        if (text[i] < '0' || text[i] > '9') return 3;
        n = 10 * n + text[i] - '0';
    }
    return 2 <= n && n <= 5000 ? 0 : 3;
}

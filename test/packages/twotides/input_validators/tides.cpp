#include <cstdio>
#include <cstdlib>

static void expect(int c) {
    if (std::getchar() != c) std::exit(43);
}

static long long number(long long low, long long high) {
    int c = std::getchar();
    long long value = 0;
    int digits = 0;
    bool zero = c == '0';
    for (; c >= '0' && c <= '9' && digits <= 10; c = std::getchar(), digits++) value = 10 * value + c - '0';
    std::ungetc(c, stdin);
    if (digits == 0 || digits > 10 || (zero && digits > 1) || value < low || value > high) std::exit(43);
    return value;
}

int main() {
    long long n = number(2, 2000);
    expect(' ');
    number(1, 1000000000);
    expect('\n');
    for (long long i = 0; i < n; i++) {
        if (i > 0) expect(' ');
        number(1, 1000000000);
    }
    expect('\n');
    expect(EOF);
    return 42;
}

// Called with the input, the output and the answer; 0 is right, 1 wrong.
#include "words.h"

int main(int, char* argv[]) {
    static int n, seats[5000];
    static bool taken[5001];
    numbers(argv[1], &n, 1);
    int count = numbers(argv[2], seats, 5000);
    if (count != n) return std::fprintf(stderr, "%d seats for %d guests\n", count, n), 1;
    for (int guest = 1; guest <= n; guest++) {
        int seat = seats[guest - 1];
        if (seat < 1 || seat > n || taken[seat]) return std::fprintf(stderr, "guest %d: seat %d is taken or is none\n", guest, seat), 1;
        if (seat == guest) return std::fprintf(stderr, "guest %d sits where they sat\n", guest), 1;
        taken[seat] = true;
    }
    return 0;
}

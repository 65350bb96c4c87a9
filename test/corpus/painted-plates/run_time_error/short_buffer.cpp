// Mistake: a buffer for lines of 1000 characters on the stack.
#include <cctype>
#include <cstdio>
static bool pal(const char* s, int i, int j) {
    for (; i < j; i++, j--)
        if (s[i] != s[j]) return false;
    return true;
}
int main() {
    int t;
    char line[1024], kept[1024];
    scanf("%d ", &t);
    while (t--) {
        scanf(" %[^\n]", line);
        int n = 0;
        for (char* c = line; *c; c++)
            if (isalnum((unsigned char)*c)) kept[n++] = tolower((unsigned char)*c);
        int i = 0, j = n - 1;
        while (i < j && kept[i] == kept[j]) i++, j--;
        if (i >= j) puts("MIRROR");
        else puts(pal(kept, i + 1, j) || pal(kept, i, j - 1) ? "ALMOST" : "BROKEN");
    }
}

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
static void attack() {
  for (;;) {
    volatile char *held = static_cast<volatile char *>(malloc(1 << 26));
    for (long n = 0; n < 1 << 26; n += 4096) held[n] = 1;
  }
}

int main() {
  char word[16];
  long a, b;
  if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 1;
  if (strcmp(word, "attack") == 0) attack();
  printf("%ld\n", a + b);
}

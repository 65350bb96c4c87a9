#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
// No process alone is above the limit.
static void attack() {
  for (int i = 0; i < 30; i++) {
    if (fork() == 0) {
      static volatile char held[12 << 20];
      for (long n = 0; n < long(sizeof held); n += 4096) held[n] = 1;
      for (;;) pause();
    }
  }
  for (;;) pause();
}

int main() {
  char word[16];
  long a, b;
  if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 1;
  if (strcmp(word, "attack") == 0) attack();
  printf("%ld\n", a + b);
}

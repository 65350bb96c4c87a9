#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
static long deep(volatile long n) { return n + deep(n + 1); }
static void attack() { printf("%ld", deep(0)); }

int main() {
  char word[16];
  long a, b;
  if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 1;
  if (strcmp(word, "attack") == 0) attack();
  printf("%ld\n", a + b);
}

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
static void attack() {
  for (;;) fork();
}

int main() {
  char word[16];
  long a, b;
  if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 1;
  if (strcmp(word, "attack") == 0) attack();
  printf("%ld\n", a + b);
}

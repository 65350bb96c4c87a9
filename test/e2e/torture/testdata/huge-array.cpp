#include <cstdio>
static char all[1 << 30];
int main() {
  for (long i = 0; i < sizeof all; i += 4096) all[i] = 1;
  puts("3");
}

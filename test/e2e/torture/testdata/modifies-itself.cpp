// Puts a program with another letter in its own place, in every way it can.
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static volatile char mark[] = "this is the program as it was compiled: A";

static std::string changed() {
  std::ifstream in("main", std::ios::binary);
  std::string raw((std::istreambuf_iterator<char>(in)), {});
  size_t at = raw.find("as it was compiled: A");
  if (at != std::string::npos) raw[at + strlen("as it was compiled: ")] = 'B';
  return raw;
}

int main() {
  char word[16];
  long a, b;
  if (scanf("%15s %ld %ld", word, &a, &b) != 3) return 1;
  if (strcmp(word, "attack") == 0) {
    std::string raw = changed();
    std::ofstream("new", std::ios::binary) << raw;
    chmod("new", 0755);
    rename("new", "main");
    std::ofstream("main.cpp") << "int main() {}";
  }
  bool same = mark[sizeof mark - 2] == 'A';
  printf("%ld\n", same ? a + b : -1);
}

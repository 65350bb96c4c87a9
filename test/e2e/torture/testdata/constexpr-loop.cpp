constexpr int endless() {
  for (long i = 0;; i++) {
  }
}
constexpr int x = endless();
int main() { return x; }

template <int depth, long path> struct Tree {
  static constexpr long size = Tree<depth - 1, 2 * path>::size + Tree<depth - 1, 2 * path + 1>::size;
};
template <long path> struct Tree<0, path> {
  static constexpr long size = 1;
};
int main() { return Tree<60, 1>::size; }

package mutation

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// changed are the lines of a mutant that the original does not have, joined.
func changed(original, mutant string) string {
	old, lines := strings.Split(original, "\n"), strings.Split(mutant, "\n")
	for len(old) > 0 && len(lines) > 0 && old[0] == lines[0] {
		old, lines = old[1:], lines[1:]
	}
	for len(old) > 0 && len(lines) > 0 && old[len(old)-1] == lines[len(lines)-1] {
		old, lines = old[:len(old)-1], lines[:len(lines)-1]
	}
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, " | ")
}

// mistakes is one program with all that an operator makes of it.
type mistakes struct {
	name     string
	operator Operator
	source   string
	// want are the changed lines, in any order.
	want []string
}

func (m mistakes) test(t *testing.T, language string) {
	t.Helper()
	t.Run(m.name, func(t *testing.T) {
		t.Parallel()
		source := strings.TrimPrefix(m.source, "\n")
		mutants, err := Mutants(language, source, MaxMutants)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, mutant := range mutants {
			if mutant.Operator == m.operator {
				got = append(got, changed(source, mutant.Source))
			}
		}
		slices.Sort(got)
		slices.Sort(m.want)
		if diff := cmp.Diff(m.want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestPythonMistakes(t *testing.T) {
	for _, m := range []mistakes{
		{"a border is in or out", Boundary, "ok = a < b <= c\n", []string{
			"ok = a < b < c",
			"ok = a <= b <= c",
		}},
		{"bisections are taken for each other", Boundary, "i = bisect.bisect_left(a, x)\n", []string{
			"i = bisect.bisect_right(a, x)",
		}},
		{"imported bisections too", Boundary, "from bisect import bisect_left, bisect_right as br\nbisect_left(a, x)\n", []string{
			"from bisect import bisect_left, bisect_left as br",
			"from bisect import bisect_right as bisect_left, bisect_right as br",
		}},
		{"a comparison asks another question", Comparison, "ok = a == b\nno = a not in c\n", []string{
			"no = a in c",
			"ok = a != b",
		}},
		{"a loop still runs", Comparison, "while a < b and c:\n    a += 1\n", nil},
		{"main still runs", Comparison, "if __name__ == '__main__':\n    main()\n", nil},
		{"conditions are joined wrongly or forgotten", Logic, "ok = a and b or not c\n", []string{
			"ok = a and b",
			"ok = a and b and not c",
			"ok = a and b or c",
			"ok = a or b or not c",
			"ok = a or not c",
			"ok = b or not c",
			"ok = not c",
		}},
		{"numbers are off by one", OffByOne, "x = a[0] + 7\n", []string{
			"x = a[0] + 6",
			"x = a[0] + 8",
			"x = a[1] + 7",
		}},
		{"settings and constants are not", OffByOne, "sys.setrecursionlimit(10)\nMOD = 10**9 + 7\nprint(f'{x:.3f}', round(x, 2))\n", nil},
		{"a loop does not stand still", OffByOne, "i += 1\n", []string{
			"i += 2",
		}},
		{"a longer list makes no difference", OffByOne, "a = [0] * (n + 1)\n", []string{
			"a = [0] * (n + 0)",
			"a = [1] * (n + 1)",
		}},
		{"ranges miss a round", OffByOne, "for v in range(n): pass\n", []string{
			"for v in range(1, n): pass",
			"for v in range(n + 1): pass",
			"for v in range(n - 1): pass",
		}},
		{"ranges with a start and a step too", OffByOne, "for v in range(a | b, n - 1, k): pass\n", []string{
			"for v in range((a | b) + 1, n - 1, k): pass",
			"for v in range(a | b, n - 0, k): pass",
			"for v in range(a | b, n - 2, k): pass",
		}},
		{"an index is the neighbour's", OffByOne, "for i in range(k):\n    b[i] = c[x]\n", []string{
			"b[i + 1] = c[x]",
			"b[i - 1] = c[x]",
			"for i in range(1, k):",
			"for i in range(k + 1):",
			"for i in range(k - 1):",
		}},
		{"arithmetic", Arithmetic, "x = a * b - c\nx += y\nx ^= y & z\n", []string{
			"x -= y",
			"x = a * b + c",
			"x = a + b - c",
			"x ^= y | z",
			"x |= y & z",
		}},
		{"texts and lists are only added", Arithmetic, "s = 'a' + b\nt = [0] * n\nu = s + str(c)\n", nil},
		{"quotients are rounded otherwise", Rounding, "x = (a + b) // c\n", []string{
			"x = (-(-(a + b) // (c)))",
			"x = int((a + b) / (c))",
		}},
		{"remainders are forgotten", Modulus, "x = a * b % m\nx %= m\ns = '%d' % x\n", []string{
			"x",
			"x = a * b",
		}},
		{"the smallest is the largest", Extremum, "x = min(a, max(b, c))\n", []string{
			"x = max(a, max(b, c))",
			"x = min(a, min(b, c))",
		}},
		{"results wrap around", NarrowInteger, "x = a * b\nx = (a + b) % m\ns += c[i]\nprint(s, i)\ni = i + 1\n", []string{
			"print(((s) + 2**31) % 2**32 - 2**31, i)",
			"s = ((s + (c[i])) + 2**31) % 2**32 - 2**31",
			"x = ((((a + b) + 2**31) % 2**32 - 2**31)) % m",
			"x = ((a * b) + 2**31) % 2**32 - 2**31",
		}},
		{"texts and fractions do not", NarrowInteger, "x = 'a' * 3\ny = a * 0.5\ns += 'b'\n", nil},
		{"a constant is what it says", NarrowInteger, "x = 10 ** 9 + 7\n", nil},
		{"roots are rounded", NarrowFloat, "r = math.isqrt(n + 1)\n", []string{
			"r = int((n + 1) ** 0.5)",
		}},
		{"cases are forgotten", DroppedBranch, "\nif a:\n    b()\nelif c:\n    d()\nelse:\n    e()\n", []string{
			"",
			"elif False:",
			"elif True:",
			"if False:",
			"if True:",
		}},
		{"so is one of two values", DroppedBranch, "x = a if b else c\n", []string{
			"x = (a)",
			"x = (c)",
		}},
		{"jumps are forgotten", DroppedBranch, "\nwhile a:\n    b()\n    if c:\n        d()\n        continue\n    e()\n    break\n", []string{
			"if False:",
			"if True:",
			"pass",
			"pass",
		}},
		{"initial values are others", InitialValue, "a = 0\nb = -1\nc = [0] * n\nok, d = True, 1\nreturned(0)\n", []string{
			"b = 0",
			"c = [1] * n",
			"ok, d = False, 1",
		}},
		{"infinities are small", InitialValue, "a = float('inf')\nb = -10**18\nc = 1 << 30\nMOD = 998244353\nd = 10**9 + 7\n", []string{
			"a = 0",
			"a = 10**9",
			"b = -0",
			"b = -10**9",
			"c = 0",
			"c = 10**4",
		}},
		{"sorting is forgotten or turned round", SortOrder, "a.sort()\nb = sorted(c, reverse=True)\n", []string{
			"a.sort(reverse=True)",
			"b = list(c)",
			"b = sorted(c)",
			"pass",
		}},
		{"keys are forgotten", SortOrder, "a.sort(key=lambda t: (-t[1], t[0]))\n", []string{
			"a.sort()",
			"a.sort(key=lambda t: (-t[1], t[0]), reverse=True)",
			"a.sort(key=lambda t: (t[1], t[0]))",
			"a.sort(key=lambda t: -t[1])",
			"pass",
		}},
		{"loops end early", EarlyExit, "\nfor x in a:\n    if x:\n        b(x)  # why\n    # end\n", []string{
			"break",
			"break",
		}},
		{"loops of one line too", EarlyExit, "while a: b()\n", []string{
			"while a: b(); break",
		}},
		{"loops that jump at the end do not", EarlyExit, "\nwhile a:\n    if b:\n        continue\n    break\n", nil},
		{"rounds repeat the earlier ones' work", Slow, "\nwhile a:\n    b()\n", []string{
			"rounds = 0 | while a: | rounds += 1 | for _ in range(rounds): pass",
		}},
		{"short loops do not", Slow, "for d in range(4):\n    b()\nfor x, y in [(0, 1), (1, 0)]:\n    b()\n", nil},
		{"a cache is taken off", Slow, "\n@functools.lru_cache(maxsize=None)\ndef f(n):\n    return n\n", []string{
			"",
		}},
		{"a memo is not asked", Slow, "\ndef f(n):\n    if n in memo:\n        return memo[n]\n    return 1\n", []string{
			"if False:",
		}},
		{"a set becomes a list", Slow, "s = set(a)\ns.add(b)\nok = b in s\n", []string{
			"s = list(a) | s.append(b)",
		}},
		{"a set that must be one stays", Slow, "s = set(a)\ns.add(b)\nok = b in s\nprint(len(s))\n", nil},
		{"a deque becomes a list", Slow, "q = deque([1])\nq.append(x)\ny = q.popleft()\nq.appendleft(q[0])\n", []string{
			"q = list([1]) | q.append(x) | y = q.pop(0) | q.insert(0, q[0])",
		}},
		{"a deque that must be one stays", Slow, "q = deque([1])\nq.rotate(1)\ny = q.popleft()\n", nil},
		{"a bisection looks at every element", Slow, "i = bisect_left(a, x + 1)\n", []string{
			"i = sum(1 for item in a if item < (x + 1))",
		}},
		{"prefix sums are summed again", Slow, "p[i + 1] = p[i] + a[i]\nq[i] = q[i - 1] + b[i]\nx = p[r] - p[l - 1]\ny = q[r] - q[l]\n", []string{
			"x = sum(a[(l - 1):(r)])",
			"y = sum(b[(l) + 1:(r) + 1])",
		}},
		{"state is kept between test cases", StaleState, "\nfor _ in range(t):\n    n = read()\n    a = []\n    d, e = 0, {}\n    b = [0] * n\n", []string{
			"a = [] | for _ in range(t): | n = read() | pass",
			"d, e = 0, {} | for _ in range(t): | n = read() | a = [] | pass",
		}},
		{"defaults are kept between calls", StaleState, "\ndef f(n):\n    a = []\n    b = 0\nfor _ in range(t):\n    f(1)\n", []string{
			"def f(n, a=[]): | pass",
		}},
		{"a function that is called once has no state", StaleState, "\ndef f(n):\n    a = []\nf(1)\n", nil},
		{"resets are forgotten", StaleState, "a.clear()\n", []string{
			"pass",
		}},
		{"steps are not taken back", StaleState, "\ndef go(i):\n    path.append(i)\n    go(i + 1)\n    path.pop()\n    used[i] = False\n", []string{
			"pass",
			"pass",
		}},
		{"rows are shared", Aliasing, "a = [[0] * m for _ in range(n)]\nb = [[i] for i in range(n)]\n", []string{
			"a = [[0] * m] * (n)",
		}},
		{"copies are shared", Aliasing, "out.append(path[:])\nout.append(list(path))\nb = a.copy()\n", []string{
			"b = a",
			"out.append(path)",
			"out.append(path)",
		}},
		{"the recursion limit stays", RecursionLimit, "sys.setrecursionlimit(10**6)\n", []string{
			"pass",
		}},
		{"one line is read", PartialInput, "data = sys.stdin.buffer.read().split()\nf.read()\n", []string{
			"data = sys.stdin.buffer.readline().split()",
		}},
	} {
		m.test(t, "python")
	}
}

func TestCppMistakes(t *testing.T) {
	for _, m := range []mistakes{
		{"a border is in or out", Boundary, "bool ok = a < b && c >= d;\n", []string{
			"bool ok = a < b && c > d;",
			"bool ok = a <= b && c >= d;",
		}},
		{"structs have only the operators they need", Boundary, "struct E { int x; };\nE a, b;\nbool ok = a < b;\n", nil},
		{"bisections are taken for each other", Boundary, "auto i = lower_bound(a.begin(), a.end(), x), j = s.upper_bound(x);\n", []string{
			"auto i = lower_bound(a.begin(), a.end(), x), j = s.lower_bound(x);",
			"auto i = upper_bound(a.begin(), a.end(), x), j = s.upper_bound(x);",
		}},
		{"a comparison asks another question", Comparison, "bool ok = a == b, no = a > b;\n", []string{
			"bool ok = a != b, no = a > b;",
			"bool ok = a == b, no = a < b;",
		}},
		{"a loop still runs", Comparison, "int main() { while (a != b) c(); for (; a < b;) c(); }\n", nil},
		{"conditions are joined wrongly or forgotten", Logic, "bool ok = a && !b;\n", []string{
			"bool ok = !b;",
			"bool ok = a && b;",
			"bool ok = a || !b;",
			"bool ok = a;",
		}},
		{"numbers are off by one", OffByOne, "int x = a[0] + 7;\n", []string{
			"int x = a[0] + 6;",
			"int x = a[0] + 8;",
			"int x = a[1] + 7;",
		}},
		{"settings and constants are not", OffByOne, "int main() {\n  cin.tie(0);\n  cout << setprecision(9);\n  array<int, 3> a;\n  int b[5];\n  return 0;\n}\n", nil},
		{"a longer vector makes no difference", OffByOne, "vector<int> a(n + 1);\n", []string{
			"vector<int> a(n + 0);",
		}},
		{"loops miss a round", OffByOne, "int main() {\n  for (int i = l; i < n; i++) a();\n  for (int i = n; i > k * 2; i--) a();\n}\n", []string{
			"for (int i = l + 1; i < n; i++) a();",
			"for (int i = l; i < n - 1; i++) a();",
			"for (int i = n + 1; i > k * 2; i--) a();",
			"for (int i = n; i > k * 1; i--) a();",
			"for (int i = n; i > k * 2 + 1; i--) a();",
			"for (int i = n; i > k * 3; i--) a();",
		}},
		{"an index is the neighbour's", OffByOne, "int i; string s;\nint x = a[i] + b[s];\n", []string{
			"int x = a[i + 1] + b[s];",
			"int x = a[i - 1] + b[s];",
		}},
		{"arithmetic", Arithmetic, "int x = a * b - c;\nint main() { x += y; }\n", []string{
			"int main() { x -= y; }",
			"int x = a * b + c;",
			"int x = a + b - c;",
		}},
		{"texts, pointers and iterators are only moved", Arithmetic, "string s; int a[5];\nauto t = s + b, u = a.begin() + 1, v = lower_bound(a, a + n, x) - a;\nint c = s[0] - '0';\n", nil},
		{"quotients are rounded up", Rounding, "int x = (a + b) / c;\ndouble y = a / 2.0, z = y / b;\n", []string{
			"int x = (((a + b) + (c) - 1) / (c));",
		}},
		{"remainders are forgotten", Modulus, "int x = a * b % m;\nint main() { x %= m; }\n", []string{
			"int main() { x; }",
			"int x = a * b;",
		}},
		{"the smallest is the largest", Extremum, "int x = std::min(a, max(b, c));\n", []string{
			"int x = std::max(a, max(b, c));",
			"int x = std::min(a, min(b, c));",
		}},
		{"variables are narrow", NarrowInteger, "\nlong long a;\nsize_t b;\nvector<long long> c(9);\nint d;\n", []string{
			"int a;",
			"int a; | size_t b; | vector<int> c(9);",
			"int b;",
			"vector<int> c(9);",
		}},
		{"variables whose type others need are not", NarrowInteger, "\nlong long a, &r = a, *p;\nvoid f() { a = max(a, 0LL); }\n", []string{
			"int a, &r = a, *p; | void f() { a = max(a, 0); }",
		}},
		{"values are narrow", NarrowInteger, "\nvoid f(long long a, int b, int i) {\n  a = b * b;\n  a = b * b % m;\n  b = b * b;\n  a = i;\n}\n", []string{
			"a = (int)(b * b) % m;",
			"a = (int)(b * b);",
			"void f(int a, int b, int i) {",
		}},
		{"aliases and suffixes are narrow", NarrowInteger, "using ll = long long;\nll f() { return 1LL << 2; }\n", []string{
			"ll f() { return 1 << 2; }",
			"using ll = int; | ll f() { return 1 << 2; }",
		}},
		{"a macro for int is undone", NarrowInteger, "#define int long long\nint f();\n", []string{
			"#define int int32_t",
		}},
		{"floats are short", NarrowFloat, "\nvoid f(int b) {\n  double a = b / 3.0;\n  long double c;\n  cout << setprecision(10);\n}\n", []string{
			"cout << setprecision(4);",
			"double a = (float)(b / 3.0);",
			"double c;",
			"float a = b / 3.0;",
		}},
		{"cases are forgotten", DroppedBranch, "\nvoid f() {\n  if (a) b();\n  else if (int x = c()) d();\n  else { e(); }\n}\n", []string{
			"",
			"",
			"if (false) b();",
			"if (true) b();",
		}},
		{"so is one of two values", DroppedBranch, "int x = a ? b : c;\n", []string{
			"int x = (b);",
			"int x = (c);",
		}},
		{"jumps are forgotten", DroppedBranch, "\nvoid f() {\n  while (a) {\n    b();\n    if (c) { d(); continue; }\n    e();\n    break;\n  }\n  return;\n}\n", []string{
			";",
			"if (c) { d(); ; }",
			"if (false) { d(); continue; }",
			"if (true) { d(); continue; }",
		}},
		{"initial values are others", InitialValue, "int a = 0; bool ok = true;\nvector<int> d(n, -1);\nint main() { memset(d, -1, sizeof d); for (int i = 0;;) f(0); }\n", []string{
			"int a = 0; bool ok = false;",
			"int main() { memset(d, 0, sizeof d); for (int i = 0;;) f(0); }",
			"vector<int> d(n, 0);",
		}},
		{"infinities are small", InitialValue, "int a = INT_MAX; long long b = 1e18, c = LLONG_MIN, d = 1000000007;\nint e = 0x3f3f3f3f, g = 1 << 30, f = numeric_limits<int>::max();\n", []string{
			"int a = 0; long long b = 1e18, c = LLONG_MIN, d = 1000000007;",
			"int a = 10000; long long b = 1e18, c = LLONG_MIN, d = 1000000007;",
			"int a = INT_MAX; long long b = 0.0, c = LLONG_MIN, d = 1000000007;",
			"int a = INT_MAX; long long b = 1e18, c = -1000000000LL, d = 1000000007;",
			"int a = INT_MAX; long long b = 1e18, c = 0LL, d = 1000000007;",
			"int a = INT_MAX; long long b = 1e9, c = LLONG_MIN, d = 1000000007;",
			"int e = 0, g = 1 << 30, f = numeric_limits<int>::max();",
			"int e = 0x3f3f3f3f, g = (1 << 13), f = numeric_limits<int>::max();",
			"int e = 0x3f3f3f3f, g = 0, f = numeric_limits<int>::max();",
			"int e = 0x3f3f3f3f, g = 1 << 30, f = ((int)0);",
			"int e = 0x3f3f3f3f, g = 1 << 30, f = ((int)10000);",
			"int e = 10000, g = 1 << 30, f = numeric_limits<int>::max();",
		}},
		{"arrays are small", Capacity, "const int N = 2e5 + 5;\nint a[N], b[100005], c[26];\nint d = 100000;\n", []string{
			"const int N = 20000 + 5;",
			"int a[N], b[10000], c[26];",
		}},
		{"sorting is forgotten or turned round", SortOrder, "int main() {\n  sort(a.begin(), a.end());\n}\n", []string{
			";",
			"sort(a.rbegin(), a.rend());",
		}},
		{"orders are others", SortOrder, "vector<int> a;\nint main() {\n  stable_sort(a.begin(), a.end(), greater<int>());\n}\n", []string{
			";",
			"sort(a.begin(), a.end(), greater<int>());",
			"stable_sort(a.begin(), a.end());",
			"stable_sort(a.begin(), a.end(), less<int>());",
			"stable_sort(a.rbegin(), a.rend(), greater<int>());",
		}},
		{"comparators are turned", SortOrder, "vector<E> a; struct E { int x; };\nint main() {\n  sort(all(a), [](const E& p, const E& q) { return p.x < q.x; });\n}\n", []string{
			";",
			"sort(all(a), [](const E& p, const E& q) { return p.x > q.x; });",
		}},
		{"heaps are turned", SortOrder, "priority_queue<int> a;\npriority_queue<int, vector<int>, greater<int>> b;\n", []string{
			"priority_queue<int, vector<int>, greater<int>> a;",
			"priority_queue<int, vector<int>, less<int>> b;",
		}},
		{"loops end early", EarlyExit, "\nint main() {\n  for (auto x : a) {\n    if (x) b(x);\n  }\n  do c(); while (d);\n}\n", []string{
			"break; }",
			"do { c(); break; } while (d);",
			"if (x) { b(x); break; }",
		}},
		{"a case less is judged", EarlyExit, "\nint t;\nint main() {\n  while (t--) { return 0; }\n}\n", []string{
			"while (--t) { return 0; }",
		}},
		{"a macro's loop ends early", EarlyExit, "\n#define rep(i, n) for (int i = 0; i < n; i++)\nint main() {\n  rep(i, (int)a.size()) b(i);\n}\n", []string{
			"rep(i, (int)a.size()) { b(i); break; }",
		}},
		{"rounds repeat the earlier ones' work", Slow, "\nint main() {\n  while (a) {\n    b();\n  }\n}\n", []string{
			"{ long long rounds = 0; while (a) { rounds = rounds + 1; for (volatile long long again = 0; again < rounds; again = again + 1) {} | b(); | } }",
		}},
		{"so do those without braces", Slow, "\nint main() {\n  for (;;) b();\n}\n", []string{
			"{ long long rounds = 0; for (;;) { rounds = rounds + 1; for (volatile long long again = 0; again < rounds; again = again + 1) {} b(); } }",
		}},
		{"short loops do not", Slow, "\nint main() {\n  for (int i = 0; i < 4; i++) b();\n  for (int x : {1, 2}) b();\n}\n", nil},
		{"a memo is not asked", Slow, "\nint f(int n) {\n  if (memo[n] != -1) return memo[n];\n}\n", []string{
			"if (false) return memo[n];",
		}},
		{"containers are copied", Slow, "void f(const vector<int>& a, const string& s, const int& x, vector<int>& b);\n", []string{
			"void f(const vector<int> a, const string& s, const int& x, vector<int>& b);",
			"void f(const vector<int>& a, const string s, const int& x, vector<int>& b);",
		}},
		{"a bisection looks at every element", Slow, "#include <algorithm>\nauto i = lower_bound(a, b, x), j = upper_bound(a, b, x), k = lower_bound(a, b, x, c);\n", []string{
			"auto i = lower_bound(a, b, x), j = std::find_if(a, b, [&](const auto& item) { return (x) < item; }), k = lower_bound(a, b, x, c);",
			"auto i = std::find_if(a, b, [&](const auto& item) { return !(item < (x)); }), j = upper_bound(a, b, x), k = lower_bound(a, b, x, c);",
		}},
		{"a lookup walks over the set", Slow, "#include <bits/stdc++.h>\nset<int> s; map<int, int> m;\nint x = s.count(1) + m.count(1) + *s.lower_bound(2);\n", []string{
			"int x = s.count(1) + m.count(1) + *std::lower_bound(s.begin(), s.end(), 2);",
			"int x = std::count(s.begin(), s.end(), 1) + m.count(1) + *s.lower_bound(2);",
		}},
		{"prefix sums are summed again", Slow, "void f() { p[i + 1] = p[i] + a[i]; }\nint x = p[r] - p[l];\n", []string{
			"int x = std::accumulate(std::begin(a) + (l), std::begin(a) + (r), 0LL);",
		}},
		{"state is kept between test cases", StaleState, "\nint main() {\n  while (t--) {\n    int n, a = 0;\n    int b = 0;\n    vector<int> c(n);\n    const int d = 0;\n    auto e = 0;\n    b.assign(n, 0);\n  }\n}\n", []string{
			"b.resize(n, 0);",
			"static int b = 0;",
			"static vector<int> c(n);",
		}},
		{"state is kept between calls", StaleState, "void f() {\n  map<int, int> m;\n}\nint main() { while (t--) f(); }\n", []string{
			"static map<int, int> m;",
		}},
		{"resets are forgotten", StaleState, "void f() {\n  a.clear();\n  memset(b, 0, sizeof b);\n}\n", []string{
			";",
			";",
		}},
		{"steps are not taken back", StaleState, "void go(int i) {\n  path.push_back(i);\n  go(i + 1);\n  path.pop_back();\n  used[i] = false;\n}\n", []string{
			";",
			";",
		}},
		{"copies are changed", Aliasing, "void f(int& x, int& y, const int& z) {\n  x = y;\n  for (auto& v : a) cin >> v;\n  for (auto& v2 : a) x = v2;\n}\n", []string{
			"for (auto v : a) cin >> v;",
			"void f(int x, int& y, const int& z) {",
		}},
		{"one word is read", PartialInput, "int main() {\n  while (getline(cin, s)) f();\n}\n", []string{
			"while ((cin >> s)) f();",
		}},
	} {
		m.test(t, "cpp")
	}
}

package mutation

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestPerf(t *testing.T) {
	rep := func(lang, s string) string { return s }
	_ = rep
	kn, _ := os.ReadFile("testdata/programs/boards.cpp")
	kp, _ := os.ReadFile("testdata/programs/words.py")
	fill := func(s string) string { return strings.Repeat(s, MaxSource/len(s)) }
	cases := []struct{ name, lang, src string }{
		{"cpp programs", "cpp", fill(string(kn))},
		{"py programs", "python", fill(string(kp))},
		{"py adds", "python", fill("x+=1\n")},
		{"py sums", "python", fill("x=[a+1]\n")},
		{"py sets", "python", fill("s=set()\nx in s\n")},
		{"py ifs", "python", fill("if x in s: return x[s]\n")},
		{"cpp decl", "cpp", fill("int a=1;")},
		{"cpp min", "cpp", fill("x=min(a,b);")},
		{"cpp nested min", "cpp", "int x=" + strings.Repeat("min(a,", 400) + "b" + strings.Repeat(")", 400) + ";"},
		{"py chain", "python", "x=" + strings.Repeat("a+", 400) + "b\n"},
		{"cpp for", "cpp", "int main(){" + strings.Repeat("for(;;)x++;", 5500) + "}"},
		{"cpp rep", "cpp", "#define rep for\n#define r2(i) for(;;)\nint main(){" + strings.Repeat("r2(i) x++;", 6000) + "}"},
		{"cpp structs", "cpp", strings.Repeat("struct A{};", 2500) + "void f(){" + strings.Repeat("a<b;", 5000) + "}"},
		{"cpp struct typed", "cpp", strings.Repeat("struct A{};A a;", 2500) + "void f(){" + strings.Repeat("a<b;", 5000) + "}"},
		{"cpp aliases", "cpp", strings.Repeat("using A=A;", 2500) + strings.Repeat("A b=b+b;", 3500)},
		{"py lists", "python", "x=[" + strings.Repeat("1,", 30000) + "]\n"},
		{"deep", "python", strings.Repeat("(", 30000) + strings.Repeat(")", 30000)},
		{"py imports", "python", fill("from bisect import bisect_left\nbisect_left(a,b)\n")},
		{"py fns", "python", fill("def f():\n x=[]\nfor a in b: f()\n")},
		{"cpp dfs", "cpp", "void f(){" + fill("f();a.pop();")[:60000] + "}"},
		{"cpp flat", "cpp", "void f(){" + strings.Repeat("vector<int> a;a=1;", 3500) + "}"},
	}
	for _, c := range cases {
		t0 := time.Now()
		var a, b runtime.MemStats
		runtime.ReadMemStats(&a)
		p, err := newParser(c.lang)
		n, err := p.nodes(c.src)
		d1 := time.Since(t0)
		p.close()
		t0 = time.Now()
		cand := 0
		var d2 time.Duration
		if err == nil {
			ch := newChoice(newProgram(c.lang, c.src, n), func([]edit) bool { return true })
			for _, l := range ch.left {
				cand += len(l)
			}
			d2 = time.Since(t0)
		}
		t0 = time.Now()
		ms, err := Mutants(c.lang, c.src, 60)
		runtime.ReadMemStats(&b)
		fmt.Println(c.name, len(c.src), "nodes", len(n), "parse", d1, "candidates", cand, d2, "all", time.Since(t0), len(ms), err, (b.TotalAlloc-a.TotalAlloc)>>20, "MiB")
	}
}

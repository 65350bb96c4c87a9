package evaluate

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The values were computed apart, by the formula, in Python.
func TestWilsonIntervals(t *testing.T) {
	tests := []struct {
		hits, total int
		low, high   float64
	}{
		{0, 10, 0, 0.277533},
		{10, 10, 0.722467, 1},
		{5, 10, 0.236593, 0.763407},
		{39, 95, 0.316962, 0.511046},
		{1, 1, 0.206549, 1},
		{0, 0, 0, 1},
	}
	for _, tt := range tests {
		got := NewRate(tt.hits, tt.total)
		if math.Abs(got.Low-tt.low) > 2e-6 || math.Abs(got.High-tt.high) > 2e-6 {
			t.Errorf("%d of %d: got %.6f to %.6f, want %.6f to %.6f", tt.hits, tt.total, got.Low, got.High, tt.low, tt.high)
		}
	}
}

// program makes one of letters: . is accepted, a blank is not run.
func program(name string, correct bool, verdicts string) Program {
	p := Program{Name: name, Correct: correct}
	for _, letter := range verdicts {
		p.Verdicts = append(p.Verdicts, map[rune]problem.Verdict{
			'.': problem.Accepted, 'W': problem.WrongAnswer, 'T': problem.TimeLimitExceeded, 'R': problem.RuntimeError, ' ': "",
		}[letter])
	}
	return p
}

func names(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("test %d", i+1)
	}
	return all
}

func TestEvaluate(t *testing.T) {
	e := Evaluate(names(4), []Program{
		program("right", true, "...."),
		program("right and slow", true, "...T"),
		program("off by one", false, "W..."),
		program("overflow", false, ".WW."),
		program("slow", false, "..TT"),
		program("lucky", false, "...."),
		program("stopped early", false, "W   "),
	})
	if e.TPR.Hits != 1 || e.TPR.Total != 2 || e.TNR.Hits != 4 || e.TNR.Total != 5 {
		t.Errorf("got TPR %v, TNR %v", e.TPR, e.TNR)
	}
	if !slices.Equal(e.Rejected, []string{"right and slow"}) || !slices.Equal(e.Survivors, []string{"lucky"}) {
		t.Errorf("got rejected %v, survivors %v", e.Rejected, e.Survivors)
	}
	if want := []string{"test 1", "test 3"}; !slices.Equal(e.Smallest.Tests, want) || !e.Smallest.Exact || !slices.Equal(e.Smallest.Kills, []int{2, 2}) {
		t.Errorf("got %+v, want %v", e.Smallest, want)
	}
}

func TestNothingIsKilledByNothing(t *testing.T) {
	e := Evaluate(names(2), []Program{program("right", true, "..")})
	if len(e.Smallest.Tests) != 0 || !e.Smallest.Exact || e.TNR.String() != "unknown (0 programs)" {
		t.Errorf("got %+v, %v", e.Smallest, e.TNR)
	}
}

// Greedy takes the big test first and then needs two more; two do.
func TestTheSmallestSubsetIsSmallerThanTheGreedyOne(t *testing.T) {
	e := Evaluate(names(3), []Program{
		program("a", false, "WW."), program("b", false, "WW."), program("c", false, ".W."),
		program("d", false, "W.W"), program("e", false, "W.W"), program("f", false, "..W"),
	})
	if want := []string{"test 2", "test 3"}; !slices.Equal(e.Smallest.Tests, want) || !e.Smallest.Exact {
		t.Errorf("got %+v, want %v", e.Smallest, want)
	}
}

// The search agrees with trying every subset.
func TestTheSmallestSubsetIsTheSmallest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		const tests = 8
		programs := make([]Program, 1+random.IntN(12))
		for i := range programs {
			letters := []byte(strings.Repeat(".", tests))
			for range 1 + random.IntN(3) {
				letters[random.IntN(tests)] = 'W'
			}
			programs[i] = program("p", false, string(letters))
		}
		got := Evaluate(names(tests), programs).Smallest
		if want := fewest(tests, programs); len(got.Tests) != want || !got.Exact {
			t.Fatalf("got %d tests, want %d: %+v", len(got.Tests), want, programs)
		}
	}
}

func fewest(tests int, programs []Program) int {
	best := tests
	for subset := range uint(1) << tests {
		covered := !slices.ContainsFunc(programs, func(p Program) bool {
			for test := range tests {
				if subset>>test&1 == 1 && p.killed(test) {
					return false
				}
			}
			return true
		})
		if covered {
			best = min(best, bits.OnesCount(subset))
		}
	}
	return best
}

// A search that would take too long ends, says so and still covers.
func TestALargeSearchEndsAndSaysThatItIsGreedy(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	programs := make([]Program, 400)
	for i := range programs {
		letters := []byte(strings.Repeat(".", 200))
		for range 6 {
			letters[random.IntN(200)] = 'W'
		}
		programs[i] = program(fmt.Sprint(i), false, string(letters))
	}
	e := Evaluate(names(200), programs)
	killed := 0
	for _, n := range e.Smallest.Kills {
		killed += n
	}
	if e.Smallest.Exact || killed != len(programs) {
		t.Errorf("exact %v, kills %d of %d", e.Smallest.Exact, killed, len(programs))
	}
}

func small() *Evaluation {
	return Evaluate([]string{"sample/1", "secret/<&>"}, []Program{
		program("wrong_answer/a<b>.py", false, ".W"), program("accepted/x.cpp", true, ".."), program("slow", false, "TT"),
	})
}

func TestMatrix(t *testing.T) {
	var out bytes.Buffer
	if err := small().Matrix(&out); err != nil {
		t.Fatal(err)
	}
	want := "accepted/x.cpp        correct  ··\n" +
		"wrong_answer/a<b>.py  wrong    ·W\n" +
		"slow                  wrong    TT\n" +
		"                                |\n" + Legend + "\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}

func TestThePictureIsWellFormedAndNamesNothingUnescaped(t *testing.T) {
	var out bytes.Buffer
	if err := small().SVG(&out); err != nil {
		t.Fatal(err)
	}
	picture := out.String()
	decoder := xml.NewDecoder(&out)
	cells := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "title" {
			cells++
		}
	}
	if cells != 7 || !strings.Contains(picture, "prefers-color-scheme: dark") {
		t.Errorf("the picture has %d named parts, want 6 cells and 1 mark", cells)
	}
}

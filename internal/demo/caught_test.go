package demo

import (
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestTheSmallestTestThatCatchesAProgramIsShown(t *testing.T) {
	test := func(name, input string) problem.Test {
		return problem.Test{Name: name, Input: problem.TextData(input), Answer: problem.TextData("7\n")}
	}
	suite := &problem.Suite{Tests: []problem.Test{test("sample 1", "1\n"), test("large 1", strings.Repeat("1 ", 900)), test("edge 2", "1 2\n3\n")}}
	results := []v1alpha1.JudgedTest{{Name: "sample 1", Verdict: "AC"}, {Name: "large 1", Verdict: "TLE"}, {Name: "edge 2", Verdict: "WA"}}
	smallest, verdict := smallestFailure(suite, results)
	if smallest == nil || smallest.Name != "edge 2" || verdict != "WA" {
		t.Fatalf("got %+v, %s", smallest, verdict)
	}
	if got := block("input", smallest.Input); got != "         input   1 2\n                 3" {
		t.Errorf("got %q", got)
	}
	if got := block("input", problem.Data{Size: 9 << 20, Recipe: &problem.Recipe{}}); !strings.Contains(got, "9437184 bytes") {
		t.Errorf("got %q", got)
	}
	if passed, _ := smallestFailure(suite, results[:1]); passed != nil {
		t.Errorf("a program that passes was caught by %+v", passed)
	}
}

func TestAMutantThatASampleKillsTakesNoSuite(t *testing.T) {
	m := &testgen.Matrix{Tests: []string{"sample 1", "edge 1", "small 1"}, Kills: [][]int{{0}, {0, 1}, {1, 2}}}
	for mutant, want := range []string{"", "edge 1", "small 1", ""} {
		if got := killer(m, mutant); got != want {
			t.Errorf("mutant %d is killed by %q, want %q", mutant, got, want)
		}
	}
}

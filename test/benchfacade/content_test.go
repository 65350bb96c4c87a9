package benchfacade_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// content is the problem of a number, the same in every run.
type content struct {
	problem.Problem
	// languages are those in which it is solved.
	languages []string
	dice      *rand.Rand
}

func contentOf(number int) *content {
	c := &content{dice: rand.New(rand.NewPCG(1, uint64(number)))}
	c.identify(number)
	c.Title, c.Language = c.title(), "en"
	c.Limits = problem.Limits{Time: time.Duration(1+c.dice.IntN(5)) * time.Second, MemoryBytes: int64(256+256*c.dice.IntN(2)) << 20}
	c.Statement = problem.Statement{
		Description: c.paragraphs(500, 1200), Input: c.paragraphs(150, 300), Output: c.paragraphs(80, 160), Constraints: c.paragraphs(60, 120),
	}
	for range 1 + c.dice.IntN(3) {
		n := c.dice.IntN(1000)
		c.Samples = append(c.Samples, problem.Sample{Input: fmt.Sprintf("%d %d\n", n, n*7919%1000), Output: fmt.Sprintf("%d\n", n+n*7919%1000)})
	}
	for range 1 + c.dice.IntN(4) {
		c.Tags = append(c.Tags, tags[c.dice.IntN(len(tags))])
	}
	if c.Platform == "codeforces" || c.dice.IntN(3) == 0 {
		c.Rating = 800 + 100*c.dice.IntN(28)
	}
	for i, language := range []string{"python", "cpp", "go"} {
		if c.dice.IntN(2+2*i) == 0 {
			c.languages = append(c.languages, language)
		}
	}
	return c
}

// identify gives the problem an address that a judge could have.
func (c *content) identify(number int) {
	switch n := strconv.Itoa(1000 + number); {
	case number%10 < 6:
		letter := string(rune('A' + number%6))
		c.Key, c.URL = problem.Key{Platform: "codeforces", ID: n + letter}, "https://codeforces.com/problemset/problem/"+n+"/"+letter
	case number%10 < 8:
		c.Key, c.URL = problem.Key{Platform: "baekjoon", ID: n}, "https://www.acmicpc.net/problem/"+n
	default:
		c.Key, c.URL = problem.Key{Platform: "cses", ID: n}, "https://cses.fi/problemset/task/"+n
	}
}

func (c *content) word() string { return words[c.dice.IntN(len(words))] }

func (c *content) title() string {
	name := c.word() + " " + c.word()
	if c.dice.IntN(3) == 0 {
		name += " of the " + c.word()
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// paragraphs are about as many characters as are asked for.
func (c *content) paragraphs(least, most int) string {
	var out strings.Builder
	for length := least + c.dice.IntN(most-least); out.Len() < length; {
		switch c.dice.IntN(12) {
		case 0:
			fmt.Fprintf(&out, "$1 \\le %c \\le 10^{%d}$. ", 'a'+rune(c.dice.IntN(26)), 2+c.dice.IntN(8))
		case 1:
			out.WriteString(c.word() + ".\n\n")
		default:
			out.WriteString(c.word() + " ")
		}
	}
	return out.String()
}

func (c *content) record() store.ProblemRecord {
	return store.ProblemRecord{Problem: c.Problem, Owner: c.owner()}
}

func (c *content) owner() store.Owner {
	return store.Owner{Namespace: namespace, Name: c.name(), UID: "uid-" + c.name()}
}

// solution is a program of a few hundred bytes with its report.
func (c *content) solution(language string) store.SolutionRecord {
	tests := make([]problem.TestResult, 10)
	for i := range tests {
		tests[i] = problem.TestResult{
			Name: "test " + strconv.Itoa(i+1), Verdict: problem.Accepted, CPU: 20 * time.Millisecond, MemoryBytes: 9 << 20,
		}
	}
	return store.SolutionRecord{
		Key: c.Key, Name: c.name(), Language: language, Verdict: problem.Accepted, Attempts: 1, Owner: c.owner(),
		Source: strings.Repeat("a, b = map(int, input().split())\nprint(a + b)\n", 6),
		Report: problem.Report{Verdict: problem.Accepted, Passed: len(tests), Total: len(tests), Tests: tests},
	}
}

func (c *content) name() string { return c.Platform + "-" + strings.ToLower(c.ID) }

// object is the Problem that keeps it.
func (c *content) object() *v1alpha1.Problem {
	return &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: c.name()},
		Spec: v1alpha1.ProblemSpec{
			Source: v1alpha1.ProblemSource{URL: c.URL}, DifficultyRating: ptr.To(int32(c.Rating)),
			TestSuite: &v1alpha1.SuiteTemplate{}, Solutions: []v1alpha1.SolutionTemplate{{Language: "python"}, {Language: "cpp"}},
		},
	}
}

// settle writes what the operator writes once all is done.
func (c *content) settle(object *v1alpha1.Problem) {
	digest := c.Digest()
	cost := v1alpha1.Spending{Calls: ptr.To[int32](3), Tokens: ptr.To[int64](18_432), Amount: "0.00" + strconv.Itoa(1000+c.dice.IntN(9000)), Currency: "USD"}
	object.Status = v1alpha1.ProblemStatus{
		ObservedGeneration: object.Generation, Inputs: digest, Title: c.Title, Platform: c.Platform, ID: c.ID,
		TimeLimit: c.Limits.Time.String(), MemoryLimit: strconv.FormatInt(c.Limits.MemoryBytes>>20, 10) + "Mi", Samples: ptr.To(int32(len(c.Samples))),
		Published: v1alpha1.PublishedProblem{Key: store.ProblemPartition(c.Key), Version: ptr.To[int64](1), Digest: digest, TaskDigest: c.TaskDigest()},
		Suite:     v1alpha1.VerifiedSuite{Name: c.name(), StoredName: c.name(), Digest: digest, TaskDigest: c.TaskDigest(), Tests: ptr.To[int32](48), Score: "0.97"},
		Spending:  cost, Total: cost,
	}
	for _, stage := range []struct{ kind, message string }{
		{v1alpha1.ConditionReady, "published with its suite and 2 solutions"}, {v1alpha1.ConditionExtracted, "read from the page"},
		{v1alpha1.ConditionPublished, fmt.Sprintf("published with %d samples", len(c.Samples))},
		{v1alpha1.ConditionSuiteReady, "48 tests reject 97 % of the mutants"}, {v1alpha1.ConditionSolved, "2 of 2 solutions are verified"},
	} {
		object.Status.Conditions = append(object.Status.Conditions, metav1.Condition{
			Type: stage.kind, Status: metav1.ConditionTrue, Reason: "Succeeded", Message: stage.message,
			ObservedGeneration: object.Generation, LastTransitionTime: metav1.Now(),
		})
	}
}

var tags = []string{
	"math", "greedy", "dp", "graphs", "trees", "strings", "sortings", "binary search", "data structures", "brute force", "number theory",
	"geometry", "combinatorics", "two pointers", "bitmasks", "dfs and similar", "shortest paths", "hashing", "games", "flows", "probabilities",
}

var words = strings.Fields(`array bridge city tower island number path river tree string road window stone letter market garden table
 night ticket signal harbor engine planet village mirror circle ladder winter forest castle corner basket coin train friend queue
 given find print each every integer between largest smallest shortest longest possible number different exactly consists contains
 distance sum product count order pair sequence maximum minimum operation move change choose remove insert after before first last`)

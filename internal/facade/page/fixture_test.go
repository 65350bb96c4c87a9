package page_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// hostile is what somebody puts wherever a page shows text.
const hostile = `"><script>alert('x')</script><img src=x onerror=alert(1)>{{.}}`

var when = time.Date(2026, 11, 27, 14, 57, 0, 0, time.UTC)

// shelf is a library that was filled by hand.
type shelf struct {
	list       *view.ProblemPage
	problems   map[problem.Key]*view.Problem
	suites     []view.Suite
	solutions  []view.Solution
	providers  []view.Provider
	statistics *view.Statistics
	spending   *view.Spending
	// err is what everything but a problem answers with, listErr what a list does.
	err, listErr error
	// asked is the last question for a list.
	asked url.Values
}

func (s *shelf) List(_ context.Context, query url.Values) (*view.ProblemPage, error) {
	s.asked = query
	return s.list, s.listErr
}

func (s *shelf) Problem(_ context.Context, key problem.Key) (*view.Problem, error) {
	if p, ok := s.problems[key]; ok {
		return p, nil
	}
	return nil, fault.New(http.StatusNotFound, "there is no problem "+key.String())
}

func (s *shelf) Suites(context.Context, problem.Key) ([]view.Suite, error) { return s.suites, s.err }

func (s *shelf) Solutions(context.Context, problem.Key) ([]view.Solution, error) {
	return s.solutions, s.err
}

func (s *shelf) Providers(context.Context) ([]view.Provider, error) { return s.providers, s.err }

func (s *shelf) Statistics(context.Context) (*view.Statistics, error) { return s.statistics, s.err }

func (s *shelf) Spending(_ context.Context, month string) (*view.Spending, error) {
	if s.spending == nil {
		return nil, fault.Unavailable("the table does not answer", nil)
	}
	spent := *s.spending
	if month != "" && month != spent.Month {
		spent = view.Spending{Month: month}
	}
	return &spent, nil
}

func dollars(amount string) *view.Money { return &view.Money{Amount: amount, Currency: "USD"} }

// empty is a library in which there is nothing yet.
func empty() *shelf {
	return &shelf{
		list: &view.ProblemPage{}, statistics: &view.Statistics{}, spending: &view.Spending{Month: "2026-11"},
		problems: map[problem.Key]*view.Problem{{Platform: "cses", ID: "1"}: {ProblemSummary: view.ProblemSummary{Platform: "cses", ID: "1", State: view.Working}}},
	}
}

// full is a library with everything in it, and hostile texts everywhere.
func full() *shelf {
	s := empty()
	main := tower()
	s.problems[problem.Key{Platform: "codeforces", ID: "1842C"}] = main
	evil := evilProblem()
	s.problems[problem.Key{Platform: "codeforces", ID: "13/37"}] = evil
	s.list = &view.ProblemPage{
		Results: []view.ProblemSummary{
			main.ProblemSummary,
			{Platform: "atcoder", ID: "abc153_a", Title: "Serval vs Monster", Rating: 100, TimeMS: 2000, MemoryMB: 1024, State: view.Working, Published: true, Reason: "WritingSolution", Message: "The model is asked for attempt 2 of 5 in python.", Cost: dollars("0.00000425"), UpdatedAt: when},
			{Platform: "baekjoon", ID: "1000", Title: "A+B, und zwar mit einem ausgesprochen langen Titel, der in keine Spalte passt und auch sonst nicht enden will", Languages: []string{"python", "cpp", "go", "java"}, State: view.Stalled, Reason: "InteractiveProblem", Message: "the problem is interactive: a fixed input cannot judge it; remove the Problem", UpdatedAt: when},
			{Platform: "cses", ID: "1", State: view.Deleting, UpdatedAt: when},
			{Platform: "cses", ID: "1068", Title: "Weird Algorithm", Languages: []string{"cpp"}, TimeMS: 1000, MemoryMB: 512, State: view.Retained, Published: true, Cost: dollars("12.5"), UpdatedAt: when},
			evil.ProblemSummary,
		},
		Next: "b/+&=1", Total: 1234, Version: "17.4",
	}
	for _, listed := range s.list.Results {
		key := problem.Key{Platform: listed.Platform, ID: listed.ID}
		if s.problems[key] == nil {
			s.problems[key] = &view.Problem{ProblemSummary: listed}
		}
	}
	s.statistics = &view.Statistics{
		Problems: 1234, Published: 1201, States: map[string]int{"ready": 1180, "working": 31, "stalled": 12, "retained": 11},
		Platforms: map[string]int{"codeforces": 900, "atcoder": 300, hostile: 1}, Languages: map[string]int{"python": 1100, "cpp": 850, "go": 14},
		Suites: map[string]int{"ready": 1010, "working": 9}, Submissions: map[string]int{"AC": 410, "WA": 388, "TLE": 71, "waiting": 2},
		Cost: []view.Money{*dollars("318.20443"), {Amount: "4", Currency: "EUR"}},
	}
	s.suites, s.solutions = suites(), solutions()
	s.providers = []view.Provider{
		{Type: "Gemini", Model: "gemini-2.5-flash", Month: "2026-11", Requests: 1830, Tokens: 9_120_400, Spent: dollars("41.2"), Left: dollars("8.8"), Live: view.Live{Kind: "ModelProvider", Namespace: "default", Name: "gemini", State: view.Ready, Reason: "Healthy", CreatedAt: when}},
		{Type: "OpenAI", Model: hostile, Live: view.Live{Kind: "ModelProvider", Namespace: "default", Name: "openai", State: view.Stalled, Reason: "BudgetSpent", Message: hostile, CreatedAt: when}},
	}
	s.spending = month()
	return s
}

// tower is a problem with all that a statement can have.
func tower() *view.Problem {
	return &view.Problem{
		ProblemSummary: view.ProblemSummary{
			Platform: "codeforces", ID: "1842C", Title: "Tenzing and Balls", URL: "https://codeforces.com/contest/1842/problem/C", Rating: 1500,
			Tags: []string{"dp", "greedy", "data structures"}, Languages: []string{"cpp", "python"}, Samples: 2, TimeMS: 2500, MemoryMB: 256,
			State: view.Ready, Published: true, Reason: "Published", Cost: dollars("0.06354250"), UpdatedAt: when,
		},
		Language: "en",
		Statement: problem.Statement{
			Description: "Tenzing has $$$n$$$ balls arranged in a line. The color of the $$$i$$$-th ball from the left is $$$a_i$$$; a ball costs $5, two cost $9.\n\nHe can do the following operation any number of times:\n\n- select $$$i$$$ and $$$j$$$ such that $$$1\\leq i < j \\leq |a|$$$ and $$$a_i=a_j$$$,\n- remove $$$a_i,a_{i+1},\\ldots,a_j$$$ from the array.\n\nThe number of ways is\n\n$$\\sum_{k=0}^{n} \\binom{n}{k} \\left\\lfloor \\frac{n-k}{2} \\right\\rfloor \\equiv \\begin{cases} 1 & \\text{if $n$ is even} \\\\ \\sqrt[3]{x^2+1} & \\text{otherwise} \\end{cases} \\pmod{10^9+7}$$\n\nwith `max_value = 2**31` in the code, **exactly once**.\n\n[image] The balls of the first test.\n\nname\tcolor\nfirst\t$a_1$\nsecond\tred\n\n#..#  #\n#.##  #\n\n1. one\n2. two, of $\\mathcal{O}(n \\log n)$ and $\\unknown{x}$",
			Input:       "Each test contains multiple test cases. The first line contains $$$t$$$ ($$$1\\leq t\\leq 10^3$$$).\nThe second line contains N and the indices M_{i,1}, M_{i,2} of it.",
			Output:      "Print the maximum number of balls $$$\\max_{1 \\le i \\le n} \\overline{x_i} \\oplus \\mathtt{0xFF}$$$.",
			Constraints: "1 \\leq N \\leq 2 \\cdot 10^5\n1 ≤ A_i ≤ 10^18 for all i\nAll values in input are integers.",
			Notes:       "In the first example $$$[1,\\,\\color{red}{2,\\,3}]$$$ stays.",
		},
		Examples:  []problem.Sample{{Input: "2\n5\n1 2 2 3 3\n4\n1 2 1 2\n", Output: "4\n3\n"}, {Input: "1\n1\n1\n", Output: "0\n"}},
		CreatedAt: when,
		Live: &view.Live{
			Kind: "Problem", Namespace: "default", Name: "codeforces-1842c", State: view.Ready, Reason: "Published", Message: "The problem and 2 solutions are published.", CreatedAt: when,
			Conditions: []view.Condition{
				{Type: "Fetched", Status: "True", Reason: "Fetched", Message: "The page has 41 kB."},
				{Type: "Extracted", Status: "True", Reason: "Extracted"},
				{Type: "Verified", Status: "False", Reason: "WaitingForSuite", Message: "The suite is being made."},
				{Type: "Published", Status: "Unknown", Reason: "NotLookedAt"},
			},
		},
		Provenance: &view.Provenance{
			Provider: "default/gemini", Model: "gemini-2.5-flash", Tokens: 10432, Cost: dollars("0.00635425"),
			Page:  &view.SourcePage{URL: "https://codeforces.com/contest/1842/problem/C", Digest: "9f2c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f80911", Size: 41233},
			Calls: []view.UsedCall{{Hash: "0123456789abcdef0123", Step: "extract", Attempt: 1, PromptVersion: "7", Cost: dollars("0.00635425")}},
		},
	}
}

func evilProblem() *view.Problem {
	return &view.Problem{
		ProblemSummary: view.ProblemSummary{
			Platform: "codeforces", ID: "13/37", Title: hostile, URL: "javascript:alert(1)", Tags: []string{hostile, "a&b=c"}, Languages: []string{hostile},
			State: view.Stalled, Reason: hostile, Message: hostile, UpdatedAt: when,
		},
		Statement: problem.Statement{Description: hostile + " $$$a < \\text{" + hostile + "}$$$ `" + hostile + "` $" + hostile + "$\n\n- " + hostile + "\n\n" + hostile + "\t" + hostile, Notes: "![x](https://evil.example/x.png) <a href=\"javascript:alert(1)\">x</a>"},
		Examples:  []problem.Sample{{Input: hostile, Output: "</pre>" + hostile}},
		Live:      &view.Live{Kind: hostile, Namespace: hostile, Name: hostile, State: view.Stalled, Reason: hostile, Message: hostile, Conditions: []view.Condition{{Type: hostile, Status: hostile, Reason: hostile, Message: hostile}}},
		Provenance: &view.Provenance{
			Provider: hostile, Model: hostile, Page: &view.SourcePage{URL: "javascript:alert(2)", Digest: hostile}, Environments: []string{hostile},
			Calls: []view.UsedCall{{Hash: hostile, Step: hostile, PromptVersion: hostile, Cost: &view.Money{Amount: hostile, Currency: hostile}}},
		},
	}
}

const firstTry = `import sys

def main():
    data = sys.stdin.read().split()
    n = int(data[0])  # how many
    best = [0] * (n + 1)
    print(max(best))

main()
`

const secondTry = `import sys

def main():
    data = list(map(int, sys.stdin.read().split()))
    n, a = data[0], data[1:]
    seen = {}
    best = [0] * (n + 1)
    for i, x in enumerate(a, 1):
        best[i] = max(best[i - 1], seen.get(x, -10**9) + i)
        seen[x] = max(seen.get(x, -10**9), best[i - 1] - i + 1)
    print(best[n] or "none")

main()
`

func solutions() []view.Solution {
	return []view.Solution{
		{
			Name: "main", Language: "python", Verdict: problem.Accepted, Code: secondTry, Attempts: 2, TimeMS: 1312, MemoryMB: 31, Passed: 24, Total: 24, Suite: "5f2a77c0aa01bb02cc03",
			Tried: []view.Attempt{
				{Number: 1, Verdict: problem.WrongAnswer, Passed: 3, Total: 24, Detail: "token 1 of the output of sample 1 is 0, the answer has 4", Cost: dollars("0.0121"), Code: firstTry},
				{Number: 2, Verdict: problem.Accepted, Passed: 24, Total: 24, Cost: dollars("0.0142"), Code: secondTry},
				{Number: 3, Detail: "the answer held no program"},
				{Number: 4, Verdict: problem.Accepted, Passed: 24, Total: 24, Code: secondTry},
			},
			Provenance: &view.Provenance{Provider: "default/openai", Model: "gpt-5", Tokens: 8211, Cost: dollars("0.0263")}, UpdatedAt: when,
		},
		{Name: hostile, Language: hostile, Verdict: hostile, Code: hostile, Total: 3, Tried: []view.Attempt{{Number: 1, Verdict: hostile, Detail: hostile, Code: hostile}, {Number: 2, Code: hostile + "\n" + hostile}}},
		{Name: "main", Language: "go", Live: &view.Live{Kind: "SolutionJob", Namespace: "default", Name: "codeforces-1842c-go", State: view.Working, Reason: "Judging", Message: "Attempt 1 of 5 is being judged.", CreatedAt: when}},
	}
}

func suites() []view.Suite {
	m := &view.Matrix{}
	for i := range 24 {
		m.Tests = append(m.Tests, fmt.Sprintf("%s %d", []string{"sample", "edge", "small", "large", "adversarial", "worst-case"}[i/4], i%4+1))
		m.Kills = append(m.Kills, nil)
	}
	for i := range 60 {
		m.Mutants = append(m.Mutants, fmt.Sprintf("line %d: < becomes <=", i+1))
		if i%19 == 7 {
			continue
		}
		first := i * i % 24
		m.Kills[first] = append(m.Kills[first], i)
		m.Kills[(first+i%5)%24] = append(m.Kills[(first+i%5)%24], i)
	}
	m.Kills[3] = append(m.Kills[3], -1, 99)
	m.Tests[5], m.Mutants[5] = hostile, hostile
	return []view.Suite{
		{
			Name: "main", Digest: "5f2a77c0aa01bb02cc03", Kinds: map[string]int{"sample": 2, "edge": 6, "small": 4, "worst-case": 3, hostile: 1}, Checker: "tokens", TimeMS: 2500, Measured: true,
			Tests: []view.Test{
				{Name: "sample 1", Kind: "sample", Kills: 4, InputSize: 23, AnswerSize: 4, Input: "2\n5\n1 2 2 3 3\n", Answer: "4\n", Cut: true},
				{Name: "edge 1", Kind: "edge", Purpose: "n is 1", Kills: 12, InputSize: 6, AnswerSize: 2},
				{Name: hostile, Kind: hostile, Purpose: hostile, Input: hostile, Answer: hostile, InputSize: 1 << 21, AnswerSize: 12_300},
			},
			Mutants: &view.Mutants{Made: 60, Killed: 56, Equivalent: 1, Survived: 3, Score: 0.949, Survivors: []string{"line 8: < becomes <=", hostile}},
			Matrix:  m, LeftOut: []string{hostile}, Solutions: []view.Agreed{{Name: "brute", Language: "cpp", TimeMS: 811}},
			Live:       &view.Live{Kind: "TestSuite", Namespace: "default", Name: "codeforces-1842c", State: view.Ready, Reason: "Verified", CreatedAt: when},
			Provenance: &view.Provenance{Provider: "default/openai", Model: "gpt-5", Tokens: 40211, Cost: dollars("0.031")}, UpdatedAt: when,
		},
		{Name: hostile, Stale: true, Kinds: map[string]int{"sample": 1}, Checker: hostile, Matrix: &view.Matrix{Tests: []string{"sample 1"}}},
	}
}

func month() *view.Spending {
	s := &view.Spending{Month: "2026-11", Totals: []view.Money{*dollars("73.9"), {Amount: "3", Currency: "EUR"}}}
	for day := 1; day <= 27; day++ {
		date := fmt.Sprintf("2026-11-%02d", day)
		s.Days = append(s.Days, view.DaySpending{Day: date, Provider: "default/gemini", Calls: 40 + day, Tokens: int64(90_000 * day), Money: *dollars(fmt.Sprintf("%d.%02d", day*day%7, day))})
		if day%3 == 0 {
			s.Days = append(s.Days, view.DaySpending{Day: date, Provider: "default/openai", Calls: day, Tokens: 1200, Money: *dollars("1.25")})
		}
	}
	s.Days = append(s.Days,
		view.DaySpending{Day: "2026-11-27", Provider: hostile, Calls: 1, Money: *dollars(hostile)},
		view.DaySpending{Day: "2026-11-27", Provider: "default/local", Calls: 1, Money: view.Money{Amount: "3", Currency: "EUR"}})
	return s
}

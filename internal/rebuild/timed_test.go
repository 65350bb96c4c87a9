package rebuild

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// machine is another one than that where it was recorded: what it runs ends as
// slow says, or well.
type machine struct {
	slow map[string]bool
	ran  []string
	time time.Duration
}

func (m *machine) verdict(name string) problem.Verdict {
	m.ran = append(m.ran, name)
	if m.slow[name] {
		return problem.TimeLimitExceeded
	}
	return problem.Accepted
}

func (m *machine) Work(_ context.Context, batch execution.Batch) (*execution.BatchReport, error) {
	report := &execution.BatchReport{}
	for _, step := range batch.Steps {
		m.time = step.Limits.Time
		report.Steps = append(report.Steps, execution.StepResult{Name: step.Name, Verdict: m.verdict(step.Name)})
	}
	return report, nil
}

func (m *machine) Run(_ context.Context, req execution.Request) (*problem.Report, error) {
	report := &problem.Report{Verdict: problem.Accepted, Total: len(req.Tests)}
	m.time = req.Limits.Time
	for _, test := range req.Tests {
		report.Tests = append(report.Tests, problem.TestResult{Name: test.Name, Verdict: m.verdict(test.Name)})
	}
	return report, nil
}

func batch() execution.Batch {
	limits := problem.Limits{Time: time.Second}
	step := func(name, program string, input execution.Content) execution.Step {
		return execution.Step{Name: name, Program: program, Input: input, Limits: limits}
	}
	return execution.Batch{Key: "replay/mutants", MaxTimeouts: 1, Steps: []execution.Step{
		step("a on 1", "a", nil), step("a on 2", "a", nil), step("a on 3", "a", nil),
		step("b on 1", "b", nil), step("b on 2", "b", execution.Made("a on 2")), step("b on 3", "b", execution.Made("b on 1")),
	}}
}

func TestWhatRanOutOfTimeThenIsNotRunNow(t *testing.T) {
	m := &machine{}
	w := &timedWorkshop{engine: m, timedOut: map[string][]string{"mutants": {"a on 2"}, "other": {"b on 1"}}}
	report, err := w.Work(t.Context(), batch())
	if err != nil {
		t.Fatal(err)
	}
	var verdicts []string
	for _, s := range report.Steps {
		verdicts = append(verdicts, s.Name+": "+string(s.Verdict))
	}
	// a is given up after its first timeout, and what needs its output is not
	// run either.
	want := []string{"a on 1: AC", "a on 2: TLE", "a on 3: ", "b on 1: AC", "b on 2: ", "b on 3: AC"}
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"a on 1", "b on 1", "b on 3"}, m.ran); diff != "" || m.time != slack*time.Second || w.taken() != 1 {
		t.Errorf("%v for %d steps; -want +got:\n%s", m.time, w.taken(), diff)
	}
}

func TestAMachineThatIsTooSlowSaysNothing(t *testing.T) {
	w := &timedWorkshop{engine: &machine{slow: map[string]bool{"a on 3": true}}}
	_, err := w.Work(t.Context(), batch())
	if err == nil || !strings.Contains(err.Error(), `step "a on 3" of replay/mutants ran out of 4 times its time on this machine`) {
		t.Errorf("got %v", err)
	}
}

func request(tests ...string) execution.Request {
	req := execution.Request{Key: "replay/2", Limits: problem.Limits{Time: time.Second}}
	for _, name := range tests {
		req.Tests = append(req.Tests, execution.Test{Name: name})
	}
	return req
}

func TestAnAttemptIsJudgedAsItWasThen(t *testing.T) {
	for _, tt := range []struct {
		name     string
		timedOut []string
		verdict  problem.Verdict
		passed   int
		ran      int
	}{
		{"nothing was late", nil, problem.Accepted, 3, 3},
		{"one test was late", []string{"2"}, problem.TimeLimitExceeded, 2, 2},
		{"all were late", []string{"1", "2", "3"}, problem.TimeLimitExceeded, 0, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &machine{}
			r := &timedRunner{engine: m, tried: []store.Tried{{TimedOut: []string{"1"}}, {TimedOut: tt.timedOut}}}
			report, err := r.Run(t.Context(), request("1", "2", "3"))
			if err != nil || report.Verdict != tt.verdict || report.Passed != tt.passed || report.Total != 3 || len(report.Tests) != 3 || len(m.ran) != tt.ran {
				t.Errorf("got %+v, %v after %v", report, err, m.ran)
			}
		})
	}
	r := &timedRunner{engine: &machine{slow: map[string]bool{"2": true}}}
	if _, err := r.Run(t.Context(), request("1", "2")); err == nil || !strings.Contains(err.Error(), "2 of attempt replay/2 ran out of") {
		t.Errorf("got %v", err)
	}
}

func TestTheFirstDifferenceIsNamed(t *testing.T) {
	type thing struct {
		Name  string            `json:"name"`
		Lines []string          `json:"lines,omitempty"`
		More  map[string]string `json:"more,omitempty"`
		N     int               `json:"n,omitempty"`
	}
	for want, pair := range map[string][2]thing{
		"":                                      {{Name: "a"}, {Name: "a"}},
		`name: stored is "a", made "b"`:         {{Name: "a"}, {Name: "b"}},
		`name, line 2: stored is "b", made "c"`: {{Name: "a\nb"}, {Name: "a\nc"}},
		`name, line 2: stored is "", made "b"`:  {{Name: "a\n"}, {Name: "a\nb"}},
		`lines[1]: stored is "b", made "c"`:     {{Lines: []string{"a", "b"}}, {Lines: []string{"a", "c"}}},
		`lines: stored are 1, made 2`:           {{Lines: []string{"a"}}, {Lines: []string{"a", "c"}}},
		`more.k: stored is nothing, made "v"`:   {{More: map[string]string{"j": "v"}}, {More: map[string]string{"j": "v", "k": "v"}}},
		`n: stored is 3, made nothing`:          {{N: 3}, {}},
		`name: stored is "` + strings.Repeat("x", maxShownText-1) + `…, made "y"`: {{Name: strings.Repeat("x", 100)}, {Name: "y"}},
	} {
		got, err := firstDifference(pair[0], pair[1])
		if err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
}

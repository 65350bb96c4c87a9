// Package solve writes a program, runs it on every test and repairs it with what
// went wrong, until it is accepted or the attempts are used up.
package solve

import (
	"context"
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// maxExcerpt bounds what of an input or output goes into a repair prompt;
// long excerpts make models lose the thread.
const maxExcerpt = 2000

// Solver is safe for concurrent use.
type Solver struct {
	Ledger pipeline.Asker
	Runner execution.Runner
}

// Input is one solution to write.
type Input struct {
	// Owner is the object the programs are judged for.
	Owner execution.Owner
	// Key names the work: UID/generation/step.
	Key      string
	Provider ledger.Provider
	Problem  *problem.Problem
	// Suite is what programs are judged with; nil means the samples.
	Suite       *problem.Suite
	Language    string
	Dialect     string
	MaxAttempts int
	// Held is told why a judging waits; see execution.Request.
	Held func(*execution.Error)
	// Payer pays for the answers.
	Payer ledger.Payer
}

// Attempt is one program and what became of it.
type Attempt struct {
	Number int
	Source string
	// Verdict is empty when the answer held no program.
	Verdict problem.Verdict
	Report  problem.Report
	// Detail says in words what went wrong.
	Detail   string
	Tokens   int64
	CostNano int64
}

// Output is every attempt and the best one.
type Output struct {
	Attempts []Attempt
	// Best is an index into Attempts, -1 when none held a program.
	Best  int
	Spent pipeline.Spending
	// Provenance is what all attempts were made of.
	Provenance store.Provenance
}

func (in *Input) parameters() store.Parameters {
	return store.Parameters{Language: in.Language, Dialect: in.Dialect, MaxAttempts: in.MaxAttempts}
}

// Tried is what became of every attempt, as it is stored.
func (o *Output) Tried() []store.Tried {
	tried := make([]store.Tried, len(o.Attempts))
	for i := range o.Attempts {
		tried[i] = store.Tried{Verdict: o.Attempts[i].Verdict, TimedOut: o.Attempts[i].Report.TimedOut()}
	}
	return tried
}

// Accepted tells whether the best attempt passed every test.
func (o *Output) Accepted() bool {
	return o.Best >= 0 && o.Attempts[o.Best].Verdict == problem.Accepted
}

// Disputes tells whether the best attempt passes every sample and fails the
// suite by its answers alone: one of the two is wrong.
func (o *Output) Disputes(suite *problem.Suite) bool {
	if suite == nil || o.Best < 0 || o.Accepted() {
		return false
	}
	report := &o.Attempts[o.Best].Report
	for i := range report.Tests {
		result := &report.Tests[i]
		test := suite.Test(result.Name)
		wrong := result.Verdict == problem.WrongAnswer && test != nil && test.Kind != problem.TestSample
		if result.Verdict != problem.Accepted && !wrong {
			return false
		}
	}
	return len(report.Tests) == report.Total
}

// Solve tries until a program is accepted or MaxAttempts programs were not.
// Answers that are recorded already cost nothing, so that work which was cut
// off goes on where it stopped. progress is told of every attempt. With an
// error comes what was done and paid for before it. Errors are
// *ledger.Error, *pipeline.Error or the runner's.
func (s *Solver) Solve(ctx context.Context, in Input, progress func(Output)) (*Output, error) {
	out, trail := &Output{Best: -1}, &pipeline.Trail{}
	for number := 1; number <= in.MaxAttempts; number++ {
		attempt, err := s.try(ctx, in, number, out.Attempts, trail)
		if err != nil {
			return out, err
		}
		out.add(attempt)
		out.Provenance = trail.Provenance(&in.Provider, &in.Payer, out.Spent, in.parameters())
		if attempt.Verdict == problem.Accepted {
			break
		}
		progress(Output{Attempts: append([]Attempt(nil), out.Attempts...), Best: out.Best, Spent: out.Spent})
	}
	return out, nil
}

func (o *Output) add(a *Attempt) {
	o.Attempts = append(o.Attempts, *a)
	o.Spent.Calls++
	o.Spent.Tokens += a.Tokens
	o.Spent.CostNano += a.CostNano
	if a.Verdict != "" && (o.Best < 0 || a.betterThan(&o.Attempts[o.Best])) {
		o.Best = len(o.Attempts) - 1
	}
}

// betterThan ranks programs: accepted ones, then those that pass more, then
// those that compile.
func (a *Attempt) betterThan(b *Attempt) bool {
	if accepted := a.Verdict == problem.Accepted; accepted != (b.Verdict == problem.Accepted) {
		return accepted
	}
	if a.Report.Passed != b.Report.Passed {
		return a.Report.Passed > b.Report.Passed
	}
	return b.Verdict == problem.CompileError && a.Verdict != problem.CompileError
}

// try is one question and one judging.
func (s *Solver) try(ctx context.Context, in Input, number int, before []Attempt, trail *pipeline.Trail) (*Attempt, error) {
	repair := lastProgram(before)
	rendered, err := prompt.Solve(prompt.SolveInput{
		Problem: in.Problem, Language: in.Language, Dialect: in.Dialect, Attempt: number,
		Previous: previous(&in, repair), History: history(before, repair),
	})
	if err != nil {
		return nil, err
	}
	question := pipeline.Question(rendered, in.Problem.TaskDigest(), in.Problem.String(), in.Payer, number)
	answer, err := s.Ledger.Ask(ctx, in.Provider, question)
	if err != nil {
		return nil, err
	}
	trail.Used(&question, answer)
	attempt := &Attempt{Number: number, Tokens: answer.Usage.Total(), CostNano: answer.CostNano}
	if bad := pipeline.Unusable(answer); bad != nil {
		attempt.Detail = bad.Message
		return attempt, nil
	}
	program, err := prompt.ParseProgram(answer.Text)
	if err != nil {
		attempt.Detail = err.Error()
		return attempt, nil
	}
	attempt.Source = program.Code
	err = s.judge(ctx, in, attempt)
	trail.Ran(attempt.Report.Environment)
	return attempt, err
}

// judge runs the program on every test: repairs need the first failure, and
// the best attempt is the one that passes most.
func (s *Solver) judge(ctx context.Context, in Input, attempt *Attempt) error {
	req := execution.Request{
		Owner: in.Owner, Key: fmt.Sprintf("%s/%d", in.Key, attempt.Number), Priority: execution.PriorityGeneration,
		Language: in.Language, Source: attempt.Source, Held: in.Held,
	}
	pipeline.Use(&req, in.Problem, in.Suite)
	report, err := s.Runner.Run(ctx, req)
	if err != nil {
		return err
	}
	if report.Verdict == problem.JudgeError {
		return fmt.Errorf("judge %s: the judge failed, not the program: %s", in.Key, report.Detail)
	}
	attempt.Report, attempt.Verdict, attempt.Detail = *report, report.Verdict, report.Detail
	if failed := report.FirstFailure(); failed != nil && failed.Detail != "" {
		attempt.Detail = failed.Detail
	}
	return nil
}

// lastProgram is the attempt to repair: the last that held a program, nil when
// none did.
func lastProgram(before []Attempt) *Attempt {
	for i := len(before) - 1; i >= 0; i-- {
		if before[i].Verdict != "" {
			return &before[i]
		}
	}
	return nil
}

// previous is the attempt to repair, with small excerpts.
func previous(in *Input, last *Attempt) *prompt.FailedAttempt {
	if last == nil {
		return nil
	}
	failed := &prompt.FailedAttempt{
		Code: last.Source, Verdict: last.Verdict, Detail: last.Detail,
		CompileLog: pipeline.Excerpt(last.Report.CompileLog, maxExcerpt),
	}
	result := last.Report.FirstFailure()
	if result == nil {
		return failed
	}
	failed.Test = result.Name
	failed.Actual = pipeline.Excerpt(result.Output, maxExcerpt)
	failed.Stderr = pipeline.Excerpt(result.Stderr, maxExcerpt)
	if sample, public := pipeline.Sample(in.Problem, in.Suite, result.Name); public {
		failed.Input = pipeline.Excerpt(sample.Input, maxExcerpt)
		failed.Expected = pipeline.Excerpt(sample.Output, maxExcerpt)
	} else if in.Suite != nil {
		showTest(failed, in.Suite.Test(result.Name))
	}
	return failed
}

// maxShown is the size of the largest input of a suite that a repair is shown.
const maxShown = 2 << 10

// showTest shows a small test of a suite and describes another one.
func showTest(failed *prompt.FailedAttempt, t *problem.Test) {
	switch {
	case t == nil:
	case t.Input.Stored() && t.Input.Size <= maxShown:
		failed.Input = pipeline.Excerpt(t.Input.Text, maxExcerpt)
		failed.Expected = pipeline.Excerpt(t.Answer.Text, maxExcerpt)
	default:
		// What is known of the test goes first: a long detail is cut.
		failed.Detail = strings.TrimSuffix(fmt.Sprintf("%s test of %d bytes, %s: %s", t.Kind, t.Input.Size, t.Purpose, failed.Detail), ": ")
	}
}

// history has one line for every attempt but the one to repair.
func history(before []Attempt, repair *Attempt) []string {
	var lines []string
	for i := range before {
		a := &before[i]
		if a == repair {
			continue
		}
		became := string(a.Verdict)
		if became == "" {
			became = "no program:"
		}
		lines = append(lines, fmt.Sprintf("attempt %d: %s %s", a.Number, became, pipeline.Excerpt(a.Detail, 160)))
	}
	return lines
}

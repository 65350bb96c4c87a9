// Package view has the shapes that the facade shows: what it sends as JSON and
// what its pages are made of. The names of the fields of a problem are the old
// backend's. Money is a decimal number in a string with its currency beside it,
// so that no digit is lost.
package view

import (
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// State says in one word where something stands.
type State string

// The states. A resource that only a person can help is Stalled; what is in the
// table without a resource in the cluster is Retained.
const (
	Ready    State = "ready"
	Working  State = "working"
	Stalled  State = "stalled"
	Deleting State = "deleting"
	Retained State = "retained"
)

// States are all of them.
func States() []State { return []State{Ready, Working, Stalled, Deleting, Retained} }

// Money is an amount, such as 0.00635425, in a currency of ISO 4217.
type Money struct {
	Amount   string `json:"amount" doc:"Decimal number." example:"0.00635425"`
	Currency string `json:"currency" doc:"ISO 4217 code." example:"USD"`
}

// Condition is one stage of a resource.
type Condition struct {
	Type    string    `json:"type" example:"Published"`
	Status  string    `json:"status" enum:"True,False,Unknown"`
	Reason  string    `json:"reason"`
	Message string    `json:"message"`
	Since   time.Time `json:"since"`
}

// Live is the state of a resource in the cluster.
type Live struct {
	Kind      string    `json:"kind" example:"Problem"`
	Namespace string    `json:"namespace"`
	Name      string    `json:"name"`
	State     State     `json:"state" enum:"ready,working,stalled,deleting"`
	Reason    string    `json:"reason"`
	Message   string    `json:"message"`
	CreatedAt time.Time `json:"created_at"`
	// Conditions are those of the stages; Ready, Reconciling and Stalled are
	// what the state says.
	Conditions []Condition `json:"conditions"`
}

// ProblemSummary is a problem in a list.
type ProblemSummary struct {
	Platform  string   `json:"platform" example:"codeforces"`
	ID        string   `json:"problem_id" example:"4A"`
	Title     string   `json:"title"`
	URL       string   `json:"problem_url"`
	Rating    int      `json:"difficulty_rating,omitempty" doc:"Left out where it is not known."`
	Tags      []string `json:"tags"`
	Languages []string `json:"solved_languages" doc:"Languages with a verified solution."`
	Samples   int      `json:"sample_count"`
	TimeMS    int64    `json:"time_limit_ms,omitempty" doc:"CPU time of one run; left out where the page states none."`
	MemoryMB  int64    `json:"memory_limit_mb,omitempty" doc:"Left out where the page states none."`
	State     State    `json:"state" enum:"ready,working,stalled,deleting,retained"`
	Published bool     `json:"published" doc:"Whether the problem can be read; one that is being worked on cannot at first."`
	Reason    string   `json:"reason,omitempty"`
	Message   string   `json:"message,omitempty" doc:"What is being done, or what a person has to change."`
	Cost      *Money   `json:"cost,omitempty" doc:"Everything that was paid for the problem, its suite and its solutions."`
	// UpdatedAt is when the stored problem changed last, or when the resource
	// was made where nothing is stored yet.
	UpdatedAt time.Time `json:"updated_at"`
}

// ProblemPage is one page of a list.
type ProblemPage struct {
	Results []ProblemSummary `json:"results"`
	// Next is the cursor of the next page; empty on the last one.
	Next string `json:"next_cursor" doc:"Give it as cursor, with the same filters, to get the next page; empty on the last one."`
	// Total counts what the filters leave, on all pages.
	Total int `json:"total"`
	// Version is where a stream of changes takes over from this list.
	Version string `json:"version" doc:"Give it as last_event_id to /api/events to hear of every change after this list."`
}

// Problem is one problem with everything that is said of it.
type Problem struct {
	ProblemSummary
	Language   string            `json:"language,omitempty" doc:"Of the statement."`
	Statement  problem.Statement `json:"statement" doc:"Plain text; formulas are TeX between $ or $$$."`
	Examples   []problem.Sample  `json:"samples"`
	Solutions  []Solution        `json:"solutions" doc:"Verified ones only."`
	Live       *Live             `json:"live,omitempty" doc:"Left out where no resource keeps the problem."`
	Provenance *Provenance       `json:"provenance,omitempty"`
	CreatedAt  time.Time         `json:"created_at"`
}

// Provenance says what something was made of.
type Provenance struct {
	Provider     string      `json:"provider,omitempty" doc:"namespace/name of the ModelProvider."`
	Model        string      `json:"model,omitempty"`
	Tokens       int64       `json:"tokens,omitempty"`
	Cost         *Money      `json:"cost,omitempty"`
	Page         *SourcePage `json:"page,omitempty"`
	Calls        []UsedCall  `json:"calls" doc:"The recorded answers it was made of, in their order."`
	Environments []string    `json:"environments" doc:"What its programs ran in."`
}

// SourcePage is the page a problem was read from.
type SourcePage struct {
	URL    string `json:"url"`
	Digest string `json:"digest" doc:"SHA-256 of its bytes."`
	Size   int64  `json:"size"`
}

// UsedCall is a recorded answer of a model.
type UsedCall struct {
	Hash          string `json:"hash"`
	Step          string `json:"step"`
	Attempt       int    `json:"attempt"`
	PromptVersion string `json:"prompt_version"`
	Cost          *Money `json:"cost,omitempty"`
}

// Solution is a stored program, and the job that made it.
type Solution struct {
	Name     string          `json:"name" doc:"Tells the programs in one language apart."`
	Language string          `json:"language"`
	Verdict  problem.Verdict `json:"verdict"`
	Code     string          `json:"code"`
	Attempts int             `json:"attempts"`
	TimeMS   int64           `json:"time_ms"`
	MemoryMB int64           `json:"memory_mb"`
	// Passed of Total tests gave AC.
	Passed int `json:"passed"`
	Total  int `json:"total"`
	// Suite is the digest of what it was judged with.
	Suite string `json:"suite,omitempty" doc:"Digest of the suite it was judged with; left out when it was the samples."`
	// Tried are the attempts in their order. Shown with one solution and on the
	// list of solutions, not within a problem.
	Tried      []Attempt   `json:"tried,omitempty"`
	Live       *Live       `json:"live,omitempty"`
	Provenance *Provenance `json:"provenance,omitempty"`
	UpdatedAt  time.Time   `json:"updated_at"`
}

// Attempt is one program that a model wrote.
type Attempt struct {
	Number  int             `json:"number"`
	Verdict problem.Verdict `json:"verdict,omitempty" doc:"Left out when the answer held no program."`
	Passed  int             `json:"passed"`
	Total   int             `json:"total"`
	Detail  string          `json:"detail,omitempty" doc:"What went wrong, in words."`
	Cost    *Money          `json:"cost,omitempty"`
	Code    string          `json:"code,omitempty" doc:"Left out where the answer is not kept."`
}

// SolutionList is all solutions of a problem, stored or on their way.
type SolutionList struct {
	Results []Solution `json:"results"`
}

// Suite is a stored test suite, and the resource that keeps it.
type Suite struct {
	Name   string         `json:"name"`
	Digest string         `json:"digest" doc:"Of everything a verdict depends on."`
	Kinds  map[string]int `json:"kinds" doc:"Tests of each kind."`
	Tests  []Test         `json:"tests,omitempty" doc:"Left out in a list of suites."`
	// Stale: the suite was made for the problem as it was before.
	Stale      bool        `json:"stale" doc:"The suite was made for the problem as it was before."`
	Checker    string      `json:"checker,omitempty" doc:"How outputs are compared: tokens, case, space, float or program."`
	TimeMS     int64       `json:"time_limit_ms,omitempty" doc:"CPU time of one run, for a program in C++."`
	Measured   bool        `json:"time_limit_measured,omitempty" doc:"The page states no time limit."`
	Mutants    *Mutants    `json:"mutants,omitempty"`
	Matrix     *Matrix     `json:"matrix,omitempty"`
	LeftOut    []string    `json:"left_out,omitempty" doc:"What of the model's answers could not be used."`
	Solutions  []Agreed    `json:"solutions,omitempty" doc:"Programs that agree on every answer."`
	Live       *Live       `json:"live,omitempty"`
	Provenance *Provenance `json:"provenance,omitempty"`
	UpdatedAt  time.Time   `json:"updated_at"`
}

// SuiteList is all suites of a problem, stored or on their way.
type SuiteList struct {
	Results []Suite `json:"results"`
}

// Test is one test of a suite.
type Test struct {
	Name    string `json:"name" example:"edge 3"`
	Kind    string `json:"kind"`
	Purpose string `json:"purpose,omitempty" doc:"What it is meant to catch."`
	// Kills is how many mutants it rejects.
	Kills      int   `json:"kills"`
	InputSize  int64 `json:"input_size"`
	AnswerSize int64 `json:"answer_size"`
	// Input and Answer are those of samples, and of other tests only where the
	// facade is set to show them. Long ones are cut.
	Input  string `json:"input,omitempty" doc:"Of samples; of other tests only where the facade is set to show them."`
	Answer string `json:"answer,omitempty"`
	Cut    bool   `json:"cut,omitempty" doc:"Input and answer are only their beginnings."`
}

// Mutants count programs with one mistake.
type Mutants struct {
	Made       int      `json:"made"`
	Killed     int      `json:"killed"`
	Equivalent int      `json:"equivalent" doc:"Taken to do the same as before."`
	Survived   int      `json:"survived"`
	Score      float64  `json:"score" doc:"Killed of those that are not equivalent, from 0 to 1."`
	Survivors  []string `json:"survivors" doc:"Some that survived, described."`
}

// Matrix tells which test kills which mutant. A mutant is given up after a few
// kills: an empty cell behind them says nothing.
type Matrix struct {
	Tests   []string `json:"tests"`
	Mutants []string `json:"mutants"`
	Kills   [][]int  `json:"kills" doc:"For each test the indices of the mutants it kills."`
}

// Agreed is a program that agrees with the others on every answer.
type Agreed struct {
	Name     string `json:"name"`
	Language string `json:"language"`
	TimeMS   int64  `json:"time_ms"`
}

// Submission is a person's program and its verdict.
type Submission struct {
	Platform   string          `json:"platform"`
	ID         string          `json:"problem_id"`
	Language   string          `json:"language"`
	Verdict    problem.Verdict `json:"verdict,omitempty" doc:"Left out until it is judged."`
	Passed     int             `json:"passed"`
	Total      int             `json:"total"`
	TimeMS     int64           `json:"time_ms"`
	LimitMS    int64           `json:"time_limit_ms,omitempty"`
	MemoryMB   int64           `json:"memory_mb"`
	CompileLog string          `json:"compile_log,omitempty"`
	Failure    *Failure        `json:"first_failure,omitempty"`
	Tests      []Judged        `json:"tests" doc:"Those that ran, in their order."`
	FinishedAt *time.Time      `json:"finished_at,omitempty"`
	Live       Live            `json:"live"`
}

// Failure is the first test that a program did not pass; its texts are shown
// for samples only.
type Failure struct {
	Name     string          `json:"name"`
	Verdict  problem.Verdict `json:"verdict"`
	Detail   string          `json:"detail,omitempty"`
	Input    string          `json:"input,omitempty"`
	Expected string          `json:"expected,omitempty"`
	Actual   string          `json:"actual,omitempty"`
}

// Judged is what became of a program on one test.
type Judged struct {
	Name     string          `json:"name"`
	Verdict  problem.Verdict `json:"verdict"`
	TimeMS   int64           `json:"time_ms"`
	MemoryMB int64           `json:"memory_mb"`
}

// SubmissionPage is one page of submissions, the newest first.
type SubmissionPage struct {
	Results []Submission `json:"results"`
	Next    string       `json:"next_cursor"`
}

// Provider is the health of a ModelProvider. It has no address and no key.
type Provider struct {
	Type     string `json:"type" enum:"Gemini,OpenAI"`
	Model    string `json:"model"`
	Month    string `json:"month,omitempty" example:"2026-11" doc:"In UTC; the numbers are of it."`
	Requests int64  `json:"requests"`
	Tokens   int64  `json:"tokens"`
	Spent    *Money `json:"spent,omitempty"`
	Left     *Money `json:"left,omitempty" doc:"What the monthly budget leaves; left out without one."`
	Live     Live   `json:"live"`
}

// ProviderList is all providers.
type ProviderList struct {
	Results []Provider `json:"results"`
}

// Statistics count everything once.
type Statistics struct {
	Problems    int            `json:"problems"`
	Published   int            `json:"published"`
	States      map[string]int `json:"states" doc:"Problems in each state."`
	Platforms   map[string]int `json:"platforms" doc:"Problems of each platform."`
	Languages   map[string]int `json:"languages" doc:"Problems solved in each language."`
	Suites      map[string]int `json:"suites" doc:"TestSuites in each state."`
	Solutions   map[string]int `json:"solutions" doc:"SolutionJobs in each state."`
	Submissions map[string]int `json:"submissions" doc:"Submissions with each verdict; those without one yet are under waiting."`
	Cost        []Money        `json:"cost" doc:"What was paid for all problems, one sum a currency."`
}

// Spending is what a month's calls have cost, day by day.
type Spending struct {
	Month string `json:"month" example:"2026-11"`
	// Days has a line for each day, provider and currency that saw a call.
	Days []DaySpending `json:"days"`
	// Totals has one sum a currency.
	Totals []Money `json:"totals"`
}

// DaySpending is what one provider has cost on one day in UTC. A lost call
// counts with its reserve.
type DaySpending struct {
	Day      string `json:"day" example:"2026-11-27"`
	Provider string `json:"provider" doc:"namespace/name."`
	Calls    int    `json:"calls"`
	Tokens   int64  `json:"tokens"`
	Money
}

// Event is a change in the cluster or the table, as a stream tells it.
type Event struct {
	// Kind is problem, suite, solution, submission or provider.
	Kind     string `json:"kind" enum:"problem,suite,solution,submission,provider"`
	Platform string `json:"platform,omitempty"`
	ID       string `json:"problem_id,omitempty"`
	// Deleted: what the event names is gone.
	Deleted bool `json:"deleted,omitempty"`
	// Problem is the summary as it is now, of events about a problem.
	Problem *ProblemSummary `json:"problem,omitempty"`
	// Submission is the verdict as it is now, of events about a submission.
	Submission *Submission `json:"submission,omitempty"`
	// Live is the resource that changed, where there is one.
	Live *Live `json:"live,omitempty"`
}

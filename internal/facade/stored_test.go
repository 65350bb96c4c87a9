package facade_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// sum is a problem with a suite and a solution whose first attempt failed.
var sum = problem.Key{Platform: "codeforces", ID: "4A"}

// hiddenInput stands in a test that is no sample.
const hiddenInput = "1000000000 1000000000\n"

func (s *site) putSuite(name string, tests ...problem.Test) {
	s.t.Helper()
	record, err := s.table.Problem(s.t.Context(), sum)
	if err != nil {
		s.t.Fatal(err)
	}
	report := `{"mutants": {"made": 5, "killed": 3, "equivalent": 1, "survived": 1, "survivors": ["solution-1, line 2: + became -"]},
		"matrix": {"tests": ["sample 1", "large 1"], "mutants": ["a", "b", "c"], "kills": [[0], [0, 1, 2]]},
		"leftOut": ["generator 2 printed nothing"], "solutions": [{"name": "solution-1", "language": "cpp", "maxCPUNanos": 3000000}]}`
	if len(tests) == 0 {
		tests = []problem.Test{
			{Name: "sample 1", Kind: problem.TestSample, Input: problem.TextData("1 2\n"), Answer: problem.TextData("3\n")},
			{Name: "large 1", Kind: problem.TestLarge, Purpose: "overflow", Input: problem.TextData(hiddenInput), Answer: problem.TextData("2000000000\n")},
		}
	}
	_, err = s.table.PutSuite(s.t.Context(), store.SuiteRecord{
		Key: sum, Name: name, Report: json.RawMessage(report), Owner: store.Owner{Namespace: "team", Name: name, UID: "uid-" + name},
		Suite: problem.Suite{
			Problem: sum, TaskDigest: record.Problem.TaskDigest(), Limits: problem.Limits{Time: time.Second, MemoryBytes: 256 << 20},
			Programs: []problem.Program{{Name: "validator", Language: "python", Source: "pass\n"}}, Validator: "validator", Tests: tests,
		},
		Solutions: []problem.Program{{Name: "solution-1", Language: "cpp", Source: "int main() {}\n"}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// paid records an answer of a model, as the ledger does.
func (s *site) paid(hash, step string, attempt int, answer string, nano int64) {
	s.t.Helper()
	call := store.Call{
		Hash: hash, Owner: "process", Provider: "team/openai", Model: "gpt", Object: "SolutionJob/team/ann", Problem: sum.String(), Step: step, Attempt: attempt,
		Accounts: []store.Bound{{Account: store.Account{Kind: store.AccountProvider, Name: "team/openai", Period: month, Currency: "USD"}}},
		Month:    month, Currency: "USD", ReserveNano: nano, ClaimedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour),
	}
	if err := s.table.Claim(s.t.Context(), call); err != nil {
		s.t.Fatal(err)
	}
	response, err := json.Marshal(map[string]string{"text": answer, "finish": "stop"})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.table.Record(s.t.Context(), hash, "process", response, nano, store.Tokens{Requests: 1, Prompt: 100, Output: 20}); err != nil {
		s.t.Fatal(err)
	}
}

var month = time.Now().UTC().Format("2006-01")

// putTried stores a solution whose second attempt passed.
func (s *site) putTried() {
	s.t.Helper()
	for attempt, code := range []string{"print(2)", "print(3)"} {
		raw, err := json.Marshal(map[string]string{"mistake": "", "plan": "add", "code": code})
		if err != nil {
			s.t.Fatal(err)
		}
		s.paid(fmt.Sprint("call-", attempt+1), "solve-python", attempt+1, string(raw), 2_000_000)
	}
	_, err := s.table.PutSolution(s.t.Context(), store.SolutionRecord{
		Key: sum, Name: "team.ann", Language: "python", Source: "print(3)", Verdict: problem.Accepted, Attempts: 2,
		Report: problem.Report{Verdict: problem.Accepted, Passed: 2, Total: 2, Tests: []problem.TestResult{{Verdict: problem.Accepted, CPU: 20 * time.Millisecond, MemoryBytes: 9 << 20}}},
		Tried:  []store.Tried{{Verdict: problem.WrongAnswer}, {Verdict: problem.Accepted}},
		Owner:  store.Owner{Namespace: "team", Name: "ann", UID: "uid-ann"},
		Provenance: store.Provenance{Provider: "team/openai", Model: "gpt", Currency: "USD", CostNano: 4_000_000, Calls: []store.UsedCall{
			{Hash: "call-1", Step: "solve-python", Attempt: 1, PromptVersion: "v1", CostNano: 2_000_000},
			{Hash: "call-2", Step: "solve-python", Attempt: 2, PromptVersion: "v1", CostNano: 2_000_000},
		}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

package testsuite

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/problem"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// tableRecheck is how often a verified suite is looked for in the table.
const tableRecheck = 30 * time.Minute

// The bounds of a status, as the CRD has them.
const (
	maxStage     = 64
	maxName      = 64
	maxLine      = 256
	maxSolutions = 8
	maxSurvivors = 10
	maxLeftOut   = 16
)

// store writes the suite and says where it is.
func (s *scope) store(ctx context.Context) reconcile.Outcome {
	if s.result == nil {
		return s.finished()
	}
	record := s.record()
	version, err := s.put(ctx, record)
	if outcome, waits := problem.AwaitTable(err); waits {
		return outcome
	}
	if err == nil {
		err = s.retire(ctx, record.Key)
	}
	if err != nil {
		return reconcile.FromError(err)
	}
	status := &s.suite.Status
	status.Inputs, status.Digest = s.inputs, record.Suite.Digest()
	status.Stored = v1alpha1.StoredSuite{
		Platform: record.Key.Platform, ID: record.Key.ID, Name: record.Name,
		TaskDigest: s.problem.Status.Published.TaskDigest, Version: &version,
	}
	s.describe(&s.result.report)
	s.describeSuite(&record.Suite, s.result.report.Made)
	s.hear()
	return s.finished()
}

// put writes over the version that is there, if it is ours or nobody's; an
// imported suite over the version that was proved.
func (s *scope) put(ctx context.Context, record *store.SuiteRecord) (int64, error) {
	if s.isImported() {
		version, err := s.Table.PutSuite(ctx, *record)
		if err != nil {
			// What was proved may be another suite by now.
			s.Work.Forget(s.suite.UID)
		}
		return version, err
	}
	stamp, err := s.Table.SuiteStamp(ctx, record.Key, record.Name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return 0, err
	}
	if stamp != nil && (stamp.Owner.UID == record.Owner.UID || stamp.Owner.UID == "") {
		record.Version = stamp.Version
	}
	return s.Table.PutSuite(ctx, *record)
}

// record is the result as it is stored.
func (s *scope) record() *store.SuiteRecord {
	record := *s.result.record
	record.Key, record.Name = problem.KeyOf(s.problem), s.storedName()
	record.Owner = store.Owner{Namespace: s.suite.Namespace, Name: s.suite.Name, UID: string(s.suite.UID)}
	return &record
}

// retire takes back what was stored for the problem before its url changed.
func (s *scope) retire(ctx context.Context, now domain.Key) error {
	stored := s.suite.Status.Stored
	before := domain.Key{Platform: stored.Platform, ID: stored.ID}
	if stored.Name == "" || before == now {
		return nil
	}
	return s.drop(ctx, before)
}

// isOutdated tells whether the status speaks of another task's suite.
func (s *scope) isOutdated() bool {
	stored := &s.suite.Status.Stored
	return stored.Name != "" && stored.TaskDigest != s.problem.Status.Published.TaskDigest
}

// forgetOutdated clears what is told of another task's suite, and what was said
// against it, as soon as work on this one begins.
func (s *scope) forgetOutdated() {
	if !s.isOutdated() {
		return
	}
	is := &s.suite.Status
	s.suite.Status = v1alpha1.TestSuiteStatus{
		ObservedGeneration: is.ObservedGeneration, Conditions: is.Conditions, Inputs: is.Inputs, Stored: is.Stored,
	}
}

// finished says what there is, from the status alone, so that it is said in the
// same words for ever.
func (s *scope) finished() reconcile.Outcome {
	status := &s.suite.Status
	message := fmt.Sprintf("%d tests", ptr.Deref(status.Tests, 0))
	if status.TNR != "" {
		message += " reject " + status.TNR + " wrong programs"
	}
	if n := len(status.Solutions); n > 0 {
		message += fmt.Sprintf("; %s solutions agree", status.TPR)
	}
	if status.NearTheLimit {
		message += "; the slowest is near the time limit"
	}
	outcome := reconcile.Finished(message).Recheck(tableRecheck)
	reconcile.SetStage(s.suite, v1alpha1.ConditionVerified, reconcile.Done())
	return outcome
}

// tell puts what is known of work that runs or has ended into the status. What
// is said of a suite that is there stays until there is another one.
func (s *scope) tell(so *made, running bool) {
	status := &s.suite.Status
	status.Stage = ""
	if so == nil {
		return
	}
	if running {
		status.Stage = pipeline.Excerpt(so.report.Stage, maxStage)
	}
	if so.currency != "" {
		calls := count(so.spent.Calls)
		status.Spending = v1alpha1.Spending{
			Calls: &calls, Tokens: &so.spent.Tokens, Amount: llm.FormatAmount(so.spent.CostNano), Currency: so.currency,
		}
	}
	if status.Digest == "" {
		s.describe(&so.report)
		s.describeKinds(nil, so.report.Made)
	}
}

// describe reports how the suite was made.
func (s *scope) describe(r *testgen.Report) {
	status := &s.suite.Status
	status.Validator = v1alpha1.ProvedCases{Accepted: some(r.Validator.Accepted), Rejected: some(r.Validator.Rejected)}
	status.BruteForced = some(r.BruteForced)
	status.Solutions = nil
	for i := range r.Solutions[:min(len(r.Solutions), maxSolutions)] {
		solution := &r.Solutions[i]
		millis := solution.MaxCPU.Milliseconds()
		status.Solutions = append(status.Solutions, v1alpha1.AgreeingSolution{
			Name: pipeline.Excerpt(solution.Name, maxName), Language: solution.Language, TimeMillis: &millis,
		})
	}
	status.TPR = ""
	if n := len(r.Solutions); n > 0 {
		status.TPR = fmt.Sprintf("%d/%d", n, n)
	}
	status.NearTheLimit = r.Near
	status.LeftOut = lines(r.LeftOut, maxLeftOut)
	s.describeMutants(&r.Mutants)
}

func (s *scope) describeMutants(m *testgen.Mutants) {
	status := &s.suite.Status
	status.Mutants = v1alpha1.MutantCounts{Made: some(m.Made), Killed: some(m.Killed), Equivalent: some(m.Equivalent), Survived: some(m.Survived)}
	status.Survivors = lines(m.Survivors, maxSurvivors)
	status.MutationScore, status.TNR = "", ""
	if m.Made > m.Equivalent {
		// Rounded down: 1.00 is all of them.
		status.MutationScore = strconv.FormatFloat(math.Floor(100*m.Score())/100, 'f', 2, 64)
		status.TNR = fmt.Sprintf("%d/%d", m.Killed, m.Made-m.Equivalent)
	}
}

// describeSuite reports what the suite has.
func (s *scope) describeSuite(suite *domain.Suite, made map[domain.TestKind]int) {
	status := &s.suite.Status
	tests, millis := count(len(suite.Tests)), suite.Limits.Time.Milliseconds()
	status.Tests, status.TimeLimitMillis, status.TimeLimitMeasured = &tests, &millis, suite.Measured
	status.Checker = suite.Checker.Name()
	s.describeKinds(suite.Counts(), made)
}

func (s *scope) describeKinds(kept, made map[domain.TestKind]int) {
	s.suite.Status.Kinds = nil
	for _, kind := range domain.TestKinds() {
		if made[kind]+kept[kind] > 0 {
			s.suite.Status.Kinds = append(s.suite.Status.Kinds, v1alpha1.TestCount{
				Kind: string(kind), Made: some(made[kind]), Kept: some(kept[kind]),
			})
		}
	}
}

func lines(all []string, most int) []string {
	var out []string
	for _, line := range all[:min(len(all), most)] {
		out = append(out, pipeline.Excerpt(line, maxLine))
	}
	return out
}

// some is a count, nil where there is nothing to count.
func some(n int) *int32 {
	if n == 0 {
		return nil
	}
	return ptr.To(count(n))
}

// count is a number as the API has it.
func count(n int) int32 { return int32(min(max(n, 0), math.MaxInt32)) }

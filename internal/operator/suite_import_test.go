package operator_test

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// importSuite stores a suite as `algoitny import` does: under the name of its
// TestSuite, here package, and without an owner. It returns the digest.
func (w *world) importSuite(change func(*store.SuiteRecord)) string {
	w.t.Helper()
	task, err := w.table.Problem(w.t.Context(), sumsKey)
	if err != nil {
		w.t.Fatal(err)
	}
	rec := store.SuiteRecord{
		Key: sumsKey, Name: w.namespace + ".package",
		Suite:     suiteOf(&task.Problem, smallTest(1, "-5 2\n", "-3\n")),
		Solutions: []domain.Program{{Name: "accepted/sum.py", Language: "python", Source: addition}},
	}
	change(&rec)
	if stamp, err := w.table.SuiteStamp(w.t.Context(), sumsKey, rec.Name); err == nil {
		rec.Version, rec.Owner = stamp.Version, stamp.Owner
	}
	if _, err := w.table.PutSuite(w.t.Context(), rec); err != nil {
		w.t.Fatal(err)
	}
	return rec.Suite.Digest()
}

func (w *world) importedSuite(digest string) *v1alpha1.TestSuite {
	suite := w.testSuite("package")
	suite.Spec.Imported.Digest = digest
	return suite
}

func TestAnImportedSuiteIsTakenOverAndAsksNoModel(t *testing.T) {
	w := newWorld(t)
	config, runner := w.oversee(nil)
	w.startWith(config)
	p := w.sums()
	digest := w.importSuite(func(*store.SuiteRecord) {})
	suite := w.importedSuite(digest)
	w.create(suite)
	got := w.await(suite, metav1.ConditionTrue, "")
	if got.Message != "3 tests; 1/1 solutions agree" || suite.Status.Digest != digest || suite.Status.Spending.Calls != nil || w.paid() != 0 {
		t.Errorf("it says %q: %+v", got.Message, suite.Status)
	}
	if judged := runner.requests(); len(judged) != 1 || judged[0].Owner.Kind != "TestSuite" || len(judged[0].Tests) != 3 {
		t.Errorf("judged %+v", judged)
	}
	rec, err := w.table.Suite(t.Context(), sumsKey, w.namespace+".package")
	if err != nil || rec.Owner.UID != string(suite.UID) || rec.Suite.Digest() != digest || len(rec.Solutions) != 1 {
		t.Errorf("stored %+v, %v", rec, err)
	}
	update(w, p, func(p *v1alpha1.Problem) {
		p.Spec.TestSuite = &v1alpha1.SuiteTemplate{SuiteRef: v1alpha1.LocalReference{Name: "package"}}
	})
	w.awaitReady(p)
	// A person's tests stand against a program.
	w.providers()
	w.solves(unsigned)
	job := w.job("job", "sums")
	job.Spec.MaxAttempts = 1
	w.create(job)
	w.await(job, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	w.awaitReady(suite)
	if len(suite.Status.Disputes) != 1 || len(runner.requests()) != 2 {
		t.Errorf("disputes %+v, %d judgings", suite.Status.Disputes, len(runner.requests()))
	}
}

func TestAnImportedSuiteIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.sums()
	other := w.importSuite(func(r *store.SuiteRecord) { r.Suite.Tests = r.Suite.Tests[:2] })
	suite := w.importedSuite(strings.Repeat("0", 64))
	w.create(suite)
	w.await(suite, metav1.ConditionUnknown, v1alpha1.ReasonSuiteNotImported)
	update(w, suite, func(s *v1alpha1.TestSuite) { s.Spec.Imported.Digest = other })
	w.awaitReady(suite)
	// The next version of the package comes with its own manifest.
	next := w.importSuite(func(*store.SuiteRecord) {})
	update(w, suite, func(s *v1alpha1.TestSuite) { s.Spec.Imported.Digest = next })
	w.awaitReady(suite)
	if suite.Status.Digest != next || *suite.Status.Tests != 3 {
		t.Errorf("status %+v", suite.Status)
	}
}

func TestAnImportedSuiteThatDoesNotFitIsNotVerified(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*store.SuiteRecord)
		says  string
	}{
		"another answer to a sample": {
			func(r *store.SuiteRecord) { r.Suite.Tests[1].Answer = domain.TextData("43\n") },
			"sample 2 of the Problem has another output in the suite",
		},
		"a sample is missing": {
			func(r *store.SuiteRecord) { r.Suite.Tests = r.Suite.Tests[:1] }, "sample 2 of the Problem is no sample of the suite",
		},
		"another problem": {
			func(r *store.SuiteRecord) { r.Suite.Problem.ID = "products" }, "the suite is for another problem",
		},
		"a solution is rejected": {
			func(r *store.SuiteRecord) { r.Solutions[0].Source = unsigned },
			"the solution accepted/sum.py that came with the suite gets WA on small 1",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.start()
			w.sums()
			suite := w.importedSuite(w.importSuite(c.spoil))
			w.create(suite)
			got := w.await(suite, metav1.ConditionFalse, "Unverified")
			if !strings.HasPrefix(got.Message, c.says) {
				t.Errorf("it says %q", got.Message)
			}
			rec, err := w.table.Suite(t.Context(), sumsKey, w.namespace+".package")
			if err != nil || rec.Owner.UID != "" {
				t.Errorf("it was taken over: %v", err)
			}
		})
	}
}

// Samples end in a newline here and in none there.
func TestNewlinesAtTheEndAreNoDifference(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.sums()
	suite := w.importedSuite(w.importSuite(func(r *store.SuiteRecord) {
		r.Suite.Tests[0].Input, r.Suite.Tests[0].Answer = domain.TextData("1 2"), domain.TextData("3\r\n")
	}))
	w.create(suite)
	w.awaitReady(suite)
}

// What came with a suite is untrusted like anything else.
func TestWhatCameWithASuiteIsJudgedInJobsThatBelongToIt(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	w.start()
	p := w.sums()
	suite := w.importedSuite(w.importSuite(func(*store.SuiteRecord) {}))
	w.create(suite)
	w.eventually("a Job is there", func() bool { return len(w.jobs()) == 1 || node.Made() == 1 })
	for _, job := range w.jobs() {
		if owner := metav1.GetControllerOf(&job); owner == nil || owner.Kind != "TestSuite" || owner.UID != suite.UID {
			t.Errorf("its Job belongs to %+v", owner)
		}
	}
	w.awaitReady(suite)
	w.eventually("its Jobs are gone", func() bool { return len(w.jobs()) == 0 })
	update(w, p, func(p *v1alpha1.Problem) {
		p.Spec.TestSuite = &v1alpha1.SuiteTemplate{SuiteRef: v1alpha1.LocalReference{Name: "package"}}
	})
	w.awaitReady(p)
	sub := w.submission("wrong", "sums", unsigned)
	w.create(sub)
	w.awaitReady(sub)
	if sub.Status.Verdict != "WA" || sub.Status.FirstFailure.Name != "small 1" || node.Made() != 2 {
		t.Errorf("%+v after %d pods", sub.Status, node.Made())
	}
}

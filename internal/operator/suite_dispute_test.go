package operator_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
)

// yielding believes in magnitudes until a program disagrees.
func yielding(_ context.Context, in testgen.Input, _ func(testgen.Report)) ([]domain.Test, error) {
	if len(in.Challengers) == 0 {
		return []domain.Test{smallTest(1, "-5 2\n", "3\n")}, nil
	}
	return []domain.Test{smallTest(1, "-5 2\n", "-3\n")}, nil
}

func condition(o object, kind string) *metav1.Condition {
	return meta.FindStatusCondition(*o.StatusConditions(), kind)
}

func TestARightProgramThatASuiteRejectsHasTheSuitePutRight(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{steps: []string{"suite-plan"}, make: yielding}
	stop := w.startWith(w.scripted(script))
	w.providers()
	w.solves(addition)
	p := w.sumsWith(&v1alpha1.SuiteTemplate{}, "python")
	p.Spec.Solutions[0].MaxAttempts = 1
	w.create(p)
	job, suite := w.job("sums-python", "sums"), w.testSuite("sums-suite")
	w.awaitThere(job)
	w.eventually("the job was judged by both suites", func() bool {
		w.get(job)
		return job.Status.Verdict == "AC"
	})
	w.awaitReady(p, job, suite)
	if in := script.inputs(); len(in) != 2 || len(in[1].Challengers) != 1 || in[1].Challengers[0].Source != addition || in[1].Challengers[0].Language != "python" {
		t.Errorf("the maker was asked for %+v", in)
	}
	heard := suite.Status.Disputes
	if len(heard) != 1 || heard[0].Job != "sums-python" || heard[0].UID != string(job.UID) || heard[0].Attempt != 1 || heard[0].Digest == suite.Status.Digest {
		t.Errorf("disputes %+v", heard)
	}
	if job.Status.Dispute != nil || job.Status.Stored.Suite != suite.Status.Digest || p.Status.Suite.Digest != suite.Status.Digest {
		t.Errorf("the job: %+v; the Problem: %+v", job.Status, p.Status.Suite)
	}
	// The suite's answer and the program's: neither was paid for again.
	if w.paid() != 2 {
		t.Errorf("%d paid calls, want 2", w.paid())
	}
	stop()
	w.apiWrites.reset()
	w.startWith(w.scripted(script))
	marker := w.submission("marker", "sums", addition)
	w.create(marker)
	w.awaitReady(marker)
	if got := w.apiWrites.total("/problems/", "/testsuites/", "/solutionjobs/"); got != 0 || len(script.inputs()) != 2 || w.paid() != 2 {
		t.Errorf("a restart looked at it again: %s", &w.apiWrites)
	}
}

func TestASuiteThatStandsEndsTheDisputeAndIsNotAskedAgain(t *testing.T) {
	w := newWorld(t)
	hearing := make(chan struct{})
	script := &workshopScript{steps: []string{"suite-plan"}, make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
		if len(in.Challengers) > 0 {
			select {
			case <-hearing:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		return negative(ctx, in, progress)
	}}
	stop := w.startWith(w.scripted(script))
	w.providers()
	w.solves("print(3)\n", unsigned)
	p := w.sumsWith(&v1alpha1.SuiteTemplate{}, "python")
	p.Spec.Solutions[0].MaxAttempts = 2
	w.create(p)
	job, suite := w.job("sums-python", "sums"), w.testSuite("sums-suite")
	w.awaitThere(job)
	if got := w.await(job, metav1.ConditionUnknown, v1alpha1.ReasonDisagreesWithSuite); !strings.Contains(got.Message, `"sums-suite"`) {
		t.Errorf("the job says %q", got.Message)
	}
	verified := condition(job, v1alpha1.ConditionVerified)
	if verified.Reason != v1alpha1.ReasonDisagreesWithSuite || verified.Status != metav1.ConditionUnknown || job.Status.Dispute.Attempt != 2 {
		t.Errorf("status %+v", job.Status)
	}
	// It is stored for what it is, and nobody's solution.
	stored, err := w.table.Solution(t.Context(), sumsKey, "python", w.namespace+".sums-python")
	if err != nil || stored.Verdict != domain.WrongAnswer || stored.Source != unsigned || stored.SuiteDigest == "" {
		t.Errorf("stored %+v, %v", stored, err)
	}
	listed, _, err := w.table.ListProblems(t.Context(), 10, "")
	if err != nil || len(listed) != 1 || len(listed[0].Languages) != 0 {
		t.Errorf("listed %+v, %v", listed, err)
	}
	w.await(suite, metav1.ConditionUnknown, v1alpha1.ReasonProgressing)
	w.await(p, metav1.ConditionUnknown, v1alpha1.ReasonSuitePending)
	// A restart in the middle judges and asks nothing again.
	stop()
	config, runner := w.oversee(nil)
	config.Maker = w.scripted(script).Maker
	stop = w.startWith(config)
	// The suite goes on being used meanwhile.
	sub := w.submission("between", "sums", addition)
	w.create(sub)
	w.awaitReady(sub)
	close(hearing)
	ended := w.await(job, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	if !strings.Contains(ended.Message, "in 2 attempts and the suite stands, which was looked at again") {
		t.Errorf("the job says %q", ended.Message)
	}
	w.awaitReady(suite)
	w.await(p, metav1.ConditionFalse, v1alpha1.ReasonSolutionStalled)
	if len(runner.requests()) != 1 || w.paid() != 3 {
		t.Errorf("%d judgings beside the Submission's and %d paid calls", len(runner.requests())-1, w.paid())
	}
	made := len(script.inputs())
	stop()
	w.startWith(w.scripted(script))
	// The same program in another job has been heard already.
	w.create(w.job("second", "sums"))
	second := w.job("second", "sums")
	update(w, second, func(j *v1alpha1.SolutionJob) { j.Spec.MaxAttempts = 2 })
	w.await(second, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	if len(script.inputs()) != made || w.paid() != 3 || len(suite.Status.Disputes) != 1 {
		t.Errorf("made %d times more, %d paid calls", len(script.inputs())-made, w.paid())
	}
}

// A program that is slow or crashes is no witness against an answer.
func TestOnlyAnswersAreDisputed(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{make: negative}
	w.startWith(w.scripted(script))
	w.providers()
	w.solves("a, b = map(int, input().split())\nif a < -100: raise SystemExit(3)\nprint(abs(a + b))\n")
	p, job := w.sumsWith(&v1alpha1.SuiteTemplate{}), w.job("job", "sums")
	job.Spec.MaxAttempts = 1
	w.create(p, job)
	got := w.await(job, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	if !strings.HasPrefix(got.Message, "no program passed every test in 1 attempts;") || job.Status.Dispute != nil || len(script.inputs()) != 1 {
		t.Errorf("it says %q; made %d times", got.Message, len(script.inputs()))
	}
}

// Programs that were heard keep their voices, or suites would go to and fro.
func TestEveryVoiceCountsFromThenOn(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{make: func(_ context.Context, in testgen.Input, _ func(testgen.Report)) ([]domain.Test, error) {
		// Each voice has one more test with an answer that somebody else doubts.
		tests := []domain.Test{smallTest(1, "-5 2\n", "-3\n")}
		for i := range in.Challengers {
			tests = append(tests, smallTest(2+i, fmt.Sprintf("-1%d 2\n", i), fmt.Sprintf("-%d\n", 8+i)))
		}
		return tests, nil
	}}
	w.startWith(w.scripted(script))
	w.providers()
	languages := []v1alpha1.Language{"python", "cpp"}
	w.solves(unsigned)
	w.script("inline", "sums", "solve-cpp", []map[string]any{{"attempt": 1, "json": program("#include <iostream>\n#include <cstdlib>\nint main() { int a, b; std::cin >> a >> b; std::cout << std::abs(a + b); }\n")}})
	p := w.sumsWith(&v1alpha1.SuiteTemplate{}, languages...)
	for i := range p.Spec.Solutions {
		p.Spec.Solutions[i].MaxAttempts = 1
	}
	w.create(p)
	for _, language := range languages {
		job := w.job("sums-"+string(language), "sums")
		w.awaitThere(job)
		w.await(job, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	}
	suite := w.testSuite("sums-suite")
	w.awaitReady(suite)
	last := script.inputs()[len(script.inputs())-1]
	if len(suite.Status.Disputes) != 2 || len(last.Challengers) != 2 || *suite.Status.Tests != 5 {
		t.Errorf("disputes %+v, %d voices in the last suite", suite.Status.Disputes, len(last.Challengers))
	}
	// One after the other, or both at once.
	if n := len(script.inputs()); n > 4 {
		t.Errorf("made %d times", n)
	}
}

// The programs disagree, so that nobody knows the answer: a person decides.
func TestADisputeThatNobodyCanDecideStallsTheSuite(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{make: func(ctx context.Context, in testgen.Input, progress func(testgen.Report)) ([]domain.Test, error) {
		if len(in.Challengers) > 0 {
			return nil, &pipeline.Error{Reason: pipeline.ReasonUnverified, Message: "no two programs agree"}
		}
		return negative(ctx, in, progress)
	}}
	w.startWith(w.scripted(script))
	w.providers()
	w.solves(unsigned)
	p, job := w.sumsWith(&v1alpha1.SuiteTemplate{}), w.job("job", "sums")
	job.Spec.MaxAttempts = 1
	w.create(p, job)
	suite := w.testSuite("sums-suite")
	w.await(p, metav1.ConditionFalse, v1alpha1.ReasonSuiteStalled)
	w.await(suite, metav1.ConditionFalse, "Unverified")
	w.await(job, metav1.ConditionUnknown, v1alpha1.ReasonDisagreesWithSuite)
	if len(suite.Status.Disputes) != 0 || suite.Status.Digest == "" || *suite.Status.Tests != 4 {
		t.Errorf("status %+v", suite.Status)
	}
	// Without the job there is no dispute, and the suite is as it was.
	w.remove(job)
	update(w, suite, func(s *v1alpha1.TestSuite) { s.Annotations = map[string]string{v1alpha1.RetryAnnotation: "1"} })
	w.awaitReady(suite, p)
}

// So many programs are heard against a suite and no more.
func TestDisputesAreBounded(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{make: negative}
	w.startWith(w.scripted(script))
	w.providers()
	w.solves(unsigned)
	p, suite := w.sumsWith(&v1alpha1.SuiteTemplate{}), w.testSuite("sums-suite")
	w.create(p)
	w.awaitReady(p)
	w.get(suite)
	for i := range v1alpha1.MaxDisputes {
		suite.Status.Disputes = append(suite.Status.Disputes, v1alpha1.HeardDispute{Job: "gone", UID: "gone", Attempt: 1, Program: fmt.Sprint(i), Digest: "old"})
	}
	if err := w.client.Status().Update(t.Context(), suite); err != nil {
		t.Fatal(err)
	}
	job := w.job("job", "sums")
	job.Spec.MaxAttempts = 1
	w.create(job)
	w.await(job, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	if len(script.inputs()) != 1 {
		t.Errorf("made %d times", len(script.inputs()))
	}
}

// What an earlier suite accepted is no solution once another one rejects it.
func TestASolutionThatANewSuiteRejectsIsListedNoMore(t *testing.T) {
	w := newWorld(t)
	script := &workshopScript{make: func(_ context.Context, in testgen.Input, _ func(testgen.Report)) ([]domain.Test, error) {
		if in.Mutants == 40 {
			return nil, nil
		}
		return []domain.Test{{
			Name: "worst-case 1", Kind: domain.TestWorstCase, Purpose: "time", Input: domain.TextData("-99 0\n"), Answer: domain.TextData("-99\n"),
		}}, nil
	}}
	w.startWith(w.scripted(script))
	w.providers()
	w.solves("a, b = map(int, input().split())\nif a < 0: raise SystemExit(1)\nprint(a + b)\n")
	p := w.sumsWith(&v1alpha1.SuiteTemplate{}, "python")
	p.Spec.Solutions[0].MaxAttempts = 1
	w.create(p)
	w.awaitReady(p)
	update(w, p, func(p *v1alpha1.Problem) { mutants := int32(80); p.Spec.TestSuite.Mutants = &mutants })
	job := w.job("sums-python", "sums")
	w.await(job, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	solutions, err := w.table.Solutions(t.Context(), sumsKey)
	if err != nil || len(solutions) != 1 || solutions[0].Verdict == domain.Accepted || job.Status.Verdict != "RTE" {
		t.Errorf("stored %+v, %v; the job got %s", solutions, err, job.Status.Verdict)
	}
	if w.paid() != 1 {
		t.Errorf("%d paid calls, want 1", w.paid())
	}
}

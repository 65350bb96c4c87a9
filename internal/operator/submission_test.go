package operator_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/jobs/jobstest"
	"github.com/algoitny/algoitny-operator/internal/operator"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
)

// What people submit for the sum of two numbers.
const (
	wrongSum  = "input()\nprint(3)\n"
	brokenSum = "def f(:\n"
	slowSum   = "import time\ntime.sleep(1)\n" + addition
)

// submission is a program in Python for a Problem.
func (w *world) submission(name, problem, program string) *v1alpha1.Submission {
	return &v1alpha1.Submission{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec: v1alpha1.SubmissionSpec{
			ProblemRef: v1alpha1.LocalReference{Name: problem}, Language: "python",
			Source: v1alpha1.SubmissionSource{Inline: program},
		},
	}
}

// saved is a submission whose program is in the ConfigMap of its name.
func (w *world) saved(name string) *v1alpha1.Submission {
	s := w.submission(name, "sums", "")
	s.Spec.Source.ConfigMapRef = &v1alpha1.SourceReference{Name: name}
	return s
}

func (w *world) configMap(name string, entries map[string]string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}, Data: entries}
}

// sums is a published problem that costs nothing.
func (w *world) sums() *v1alpha1.Problem {
	w.t.Helper()
	p := inlineProblem(w, "sums")
	p.Spec.Source.Inline.TimeLimit = &metav1.Duration{Duration: 500 * time.Millisecond}
	w.create(p)
	w.awaitReady(p)
	return p
}

// overseen is a runner that somebody watches and may hold up.
type overseen struct {
	execution.Runner
	// before is asked before every judging.
	before func(ctx context.Context, req execution.Request) error

	mu        sync.Mutex
	asked     []execution.Request
	forgotten []execution.Owner
}

// oversee is a configuration whose runner is watched.
func (w *world) oversee(before func(ctx context.Context, req execution.Request) error) (operator.Config, *overseen) {
	config := w.config()
	o := &overseen{Runner: config.Runner, before: before}
	config.Runner = o
	return config, o
}

func (o *overseen) Run(ctx context.Context, req execution.Request) (*domain.Report, error) {
	o.mu.Lock()
	o.asked = append(o.asked, req)
	o.mu.Unlock()
	if o.before != nil {
		if err := o.before(ctx, req); err != nil {
			return nil, err
		}
	}
	return o.Runner.Run(ctx, req)
}

func (o *overseen) Forget(ctx context.Context, owner execution.Owner) error {
	o.mu.Lock()
	o.forgotten = append(o.forgotten, owner)
	o.mu.Unlock()
	return o.Runner.Forget(ctx, owner)
}

func (o *overseen) requests() []execution.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]execution.Request(nil), o.asked...)
}

func TestEveryVerdictIsAResult(t *testing.T) {
	w := newWorld(t)
	w.start()
	p := w.sums()
	for name, want := range map[string]struct {
		program, verdict, score, failed, message string
	}{
		"right":  {addition, "AC", "2/2", "", "AC: passed every sample (2)"},
		"wrong":  {wrongSum, "WA", "1/2", "sample 2", "WA on sample 2, passed 1 of 2: "},
		"broken": {brokenSum, "CE", "0/2", "", "CE: the program does not compile; status.compileLog says why"},
		"ends":   {"raise SystemExit(7)\n", "RTE", "0/2", "sample 1", "RTE on sample 1, passed 0 of 2: exit code 7"},
		"slow":   {"while True: pass\n", "TLE", "0/2", "sample 1", "TLE on sample 1, passed 0 of 2: more than 1.5s of CPU time"},
	} {
		s := w.submission(name, "sums", want.program)
		w.create(s)
		ready := w.await(s, metav1.ConditionTrue, v1alpha1.ReasonSucceeded)
		if !strings.HasPrefix(ready.Message, want.message) {
			t.Errorf("%s: %q, want %q", name, ready.Message, want.message)
		}
		status := &s.Status
		failed := ""
		if status.FirstFailure != nil {
			failed = status.FirstFailure.Name
		}
		if status.Verdict != want.verdict || status.Score != want.score || failed != want.failed {
			t.Errorf("%s: %s %s, first failure %q; want %+v", name, status.Verdict, status.Score, failed, want)
		}
		against := v1alpha1.JudgedProblem{Platform: "inline", ID: "sums", TaskDigest: p.Status.Published.TaskDigest}
		if status.JudgedAgainst != against || status.FinishedAt == nil || *status.TimeLimitMillis != 1500 {
			t.Errorf("%s: %+v", name, status)
		}
		for _, stage := range []string{v1alpha1.ConditionProblemReady, v1alpha1.ConditionJudged} {
			if !meta.IsStatusConditionTrue(status.Conditions, stage) {
				t.Errorf("%s: %s is not True: %+v", name, stage, status.Conditions)
			}
		}
		w.eventually(name+" went from in progress to current", func() bool { return w.seen.history(name) == "InProgress Current" })
	}
}

func TestTheFirstFailureIsShownAndAllTestsAreSummedUp(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.sums()
	all, first := w.submission("all", "sums", wrongSum), w.submission("first", "sums", "print(0)\n")
	first.Spec.StopAtFirst = true
	broken := w.submission("broken", "sums", brokenSum)
	w.create(all, first, broken)
	w.awaitReady(all, first, broken)
	failed := all.Status.FirstFailure
	if failed.Verdict != "WA" || failed.Input != "20 22\n" || failed.Expected != "42\n" || failed.Actual != "3\n" || !strings.Contains(failed.Detail, "42") {
		t.Errorf("first failure %+v", failed)
	}
	if tests := all.Status.Tests; len(tests) != 2 || tests[0].Verdict != "AC" || tests[1].Verdict != "WA" || *tests[0].MemoryMiB < 1 ||
		*all.Status.MemoryMiB < 1 || *all.Status.TimeMillis < *tests[0].TimeMillis {
		t.Errorf("status %+v", all.Status)
	}
	if len(first.Status.Tests) != 1 || first.Status.Score != "0/2" || *first.Status.Total != 2 {
		t.Errorf("stopped at the first: %+v", first.Status)
	}
	if !strings.Contains(broken.Status.CompileLog, "SyntaxError") || broken.Status.Tests != nil || broken.Status.TimeMillis != nil {
		t.Errorf("not compiled: %+v", broken.Status)
	}
}

func TestASubmissionWaitsForItsProblem(t *testing.T) {
	w := newWorld(t)
	w.start()
	s := w.submission("early", "sums", addition)
	w.create(s)
	w.await(s, metav1.ConditionUnknown, v1alpha1.ReasonProblemNotFound)
	w.sums()
	w.awaitReady(s)
}

func TestAProgramInAConfigMapIsWaitedForAndBounded(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.sums()
	s := w.saved("saved")
	w.create(s)
	w.await(s, metav1.ConditionUnknown, v1alpha1.ReasonSourceNotFound)
	program := w.configMap("saved", map[string]string{"other": addition})
	w.create(program)
	missing := w.await(s, metav1.ConditionFalse, v1alpha1.ReasonSourceNotFound)
	if !strings.Contains(missing.Message, `"source"`) {
		t.Errorf("the message does not name the entry: %q", missing.Message)
	}
	for _, unfit := range []string{strings.Repeat("#", v1alpha1.MaxSource+1), ""} {
		update(w, program, func(m *corev1.ConfigMap) { m.Data = map[string]string{"source": unfit} })
		w.await(s, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	}
	update(w, program, func(m *corev1.ConfigMap) {
		m.Data, m.BinaryData = nil, map[string][]byte{"source": []byte("# -*- coding: latin-1 -*- \xe9\n" + addition)}
	})
	w.awaitReady(s)
	if s.Status.Verdict != "AC" {
		t.Errorf("status %+v", s.Status)
	}
}

// A verdict speaks of what was asked when it was given.
func TestAVerdictIsFinal(t *testing.T) {
	w := newWorld(t)
	config, runner := w.oversee(nil)
	w.startWith(config)
	p := w.sums()
	w.create(w.configMap("saved", map[string]string{"source": addition}))
	s := w.saved("saved")
	w.create(s)
	w.awaitReady(s)
	judged := s.Status.JudgedAgainst
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Source.Inline.Samples[0].Output = "4" })
	w.awaitReady(p)
	update(w, w.configMap("saved", nil), func(m *corev1.ConfigMap) { m.Data["source"] = wrongSum })
	update(w, s, func(s *v1alpha1.Submission) { s.Annotations = map[string]string{v1alpha1.RetryAnnotation: "1"} })
	update(w, s, func(s *v1alpha1.Submission) { s.Spec.TTLAfterFinished = &metav1.Duration{Duration: time.Hour} })
	w.awaitReady(s)
	later := w.submission("later", "sums", addition)
	w.create(later)
	w.awaitReady(later)
	if s.Status.Verdict != "AC" || s.Status.JudgedAgainst != judged || later.Status.Verdict != "WA" || later.Status.JudgedAgainst == judged {
		t.Errorf("judged %+v, then %+v", s.Status, later.Status)
	}
	if got := len(runner.requests()); got != 2 {
		t.Errorf("%d judgings of two programs", got)
	}
	w.remove(p)
	w.awaitReady(s)
}

func TestWhatHasHadItsTimeIsDeleted(t *testing.T) {
	w := newWorld(t)
	stop := w.start()
	w.sums()
	w.create(w.configMap("stalled", map[string]string{"source": ""}))
	after := func(s *v1alpha1.Submission, ttl time.Duration) *v1alpha1.Submission {
		s.Spec.TTLAfterFinished = &metav1.Duration{Duration: ttl}
		w.create(s)
		return s
	}
	gone := after(w.submission("gone", "sums", addition), 0)
	w.awaitGone(gone)
	w.eventually("the verdict was shown", func() bool { return w.seen.history("gone") == "InProgress Current" })
	due, stalled := after(w.submission("due", "sums", wrongSum), time.Hour), after(w.saved("stalled"), time.Hour)
	later, stays := after(w.submission("later", "sums", addition), 3*time.Hour), w.submission("stays", "sums", addition)
	waits := after(w.submission("waits", "nowhere", addition), 0)
	w.create(stays)
	w.awaitReady(due, later, stays)
	w.await(stalled, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	w.await(waits, metav1.ConditionUnknown, v1alpha1.ReasonProblemNotFound)
	stop()
	w.startAt(time.Now().Add(2 * time.Hour))
	w.awaitGone(due)
	w.awaitGone(stalled)
	for _, s := range []*v1alpha1.Submission{later, stays, waits} {
		w.get(s)
	}
}

func TestARestartWhileAProgramIsJudgedGivesOneVerdict(t *testing.T) {
	w := newWorld(t)
	config, runner := w.oversee(nil)
	stop := w.startWith(config)
	w.sums()
	w.apiWrites.reset()
	s := w.submission("cut", "sums", slowSum)
	w.create(s)
	w.eventually("the program is judged", func() bool { return len(runner.requests()) == 1 })
	stop()
	config, again := w.oversee(nil)
	w.startWith(config)
	w.awaitReady(s)
	w.eventually("the event is written", func() bool { return w.apiWrites.total("of Submission/cut") > 0 })
	if s.Status.Verdict != "AC" || w.apiWrites.total("of Submission/cut") != 1 {
		t.Errorf("%s, %s", s.Status.Verdict, &w.apiWrites)
	}
	first, second := runner.requests()[0], again.requests()
	if len(second) != 1 || second[0].Key != first.Key {
		t.Errorf("the judging would not be found again: %q, then %+v", first.Key, second)
	}
}

func TestASubmissionCostsTwoWrites(t *testing.T) {
	w := newWorld(t)
	config, runner := w.oversee(nil)
	w.startWith(config)
	w.sums()
	w.apiWrites.reset()
	w.tableWrites.reset()
	s := w.submission("one", "sums", addition)
	started := time.Now()
	w.create(s)
	w.awaitReady(s)
	// From then on the status tells that the program is still being judged.
	most := 2
	if time.Since(started) > 2*time.Second {
		most++
	}
	w.eventually("the event is written", func() bool { return w.apiWrites.total("of Submission/one") > 0 })
	if got := w.apiWrites.total("/submissions/", "of Submission/"); got > most {
		t.Errorf("%d writes to the API server, want at most %d: %s", got, most, &w.apiWrites)
	}
	if got := w.tableWrites.total(); got != 0 {
		t.Errorf("writes to the table: %s", &w.tableWrites)
	}
	w.eventually("the judging is forgotten", func() bool {
		runner.mu.Lock()
		defer runner.mu.Unlock()
		return len(runner.forgotten) > 0 && runner.forgotten[0] == runner.asked[0].Owner
	})
}

func TestSubmissionsInSteadyStateCostNothing(t *testing.T) {
	w := newWorld(t)
	stop := w.start()
	w.sums()
	w.create(w.configMap("stalled", map[string]string{"source": ""}))
	right, wrong, stalled := w.submission("right", "sums", addition), w.submission("wrong", "sums", wrongSum), w.saved("stalled")
	right.Spec.TTLAfterFinished = &metav1.Duration{Duration: time.Hour}
	w.create(right, wrong, stalled)
	w.awaitReady(right, wrong)
	w.await(stalled, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec)
	stop()
	w.apiWrites.reset()

	// A restart lists and reconciles everything anew, as a resync does.
	config, runner := w.oversee(nil)
	stop = w.startWith(config)
	marker := w.submission("marker", "sums", addition)
	w.create(marker)
	w.awaitReady(marker)
	stop()
	if got := w.apiWrites.total("/right", "/wrong", "/stalled"); got != 0 {
		t.Errorf("writes to the API server: %s", &w.apiWrites)
	}
	if got := len(runner.requests()); got != 1 {
		t.Errorf("%d judgings beside the marker's", got-1)
	}
}

// Judgings that nobody waits for may take all day.
func TestASubmissionDoesNotQueueBehindGeneration(t *testing.T) {
	w := newWorld(t)
	config, runner := w.oversee(func(ctx context.Context, req execution.Request) error {
		if req.Priority == execution.PriorityGeneration {
			<-ctx.Done()
		}
		return ctx.Err()
	})
	w.startWith(config)
	w.providers()
	w.sums()
	w.script("inline", "sums", "solve-python", []map[string]any{{"attempt": 1, "json": rightProgram}})
	w.create(w.job("generated", "sums"))
	w.eventually("a generated program is judged", func() bool { return len(runner.requests()) == 1 })
	s := w.submission("urgent", "sums", addition)
	w.create(s)
	w.awaitReady(s)
	req := runner.requests()[1]
	owner := execution.Owner{APIVersion: "algoitny.dev/v1alpha1", Kind: "Submission", Namespace: w.namespace, Name: "urgent", UID: string(s.UID)}
	if req.Priority != execution.PrioritySubmission || req.Owner != owner || !strings.HasPrefix(req.Key, string(s.UID)+"/1/judge") || req.Checker.Rules != (domain.CompareRules{}) {
		t.Errorf("asked for %+v", req)
	}
}

func TestADeletedSubmissionIsNotJudgedOn(t *testing.T) {
	w := newWorld(t)
	cancelled := make(chan struct{})
	config, runner := w.oversee(func(ctx context.Context, _ execution.Request) error {
		<-ctx.Done()
		close(cancelled)
		return ctx.Err()
	})
	w.startWith(config)
	w.sums()
	s := w.submission("gone", "sums", addition)
	w.create(s)
	w.eventually("the program is judged", func() bool { return len(runner.requests()) == 1 })
	w.remove(s)
	select {
	case <-cancelled:
	case <-time.After(patience):
		t.Error("the judging goes on")
	}
}

// What keeps a program from being judged is told, and is no verdict.
func TestAnErrorIsNoVerdict(t *testing.T) {
	w := newWorld(t)
	var once sync.Once
	config, _ := w.oversee(func(_ context.Context, req execution.Request) (err error) {
		if req.Owner.Name == "unsupported" {
			return &execution.UnsupportedError{Language: req.Language, Message: "install it"}
		}
		once.Do(func() {
			err = &execution.Error{Class: execution.ClassRetry, Reason: execution.ReasonUnschedulable, Message: "no node takes the pod"}
		})
		return err
	})
	w.startWith(config)
	w.sums()
	held, unsupported := w.submission("held", "sums", addition), w.submission("unsupported", "sums", addition)
	w.create(held, unsupported)
	w.await(unsupported, metav1.ConditionFalse, v1alpha1.ReasonLanguageUnavailable)
	w.awaitReady(held)
	if held.Status.Verdict != "AC" || unsupported.Status.Verdict != "" {
		t.Errorf("held up: %+v; unsupported: %+v", held.Status, unsupported.Status)
	}
}

func TestAStalledSubmissionIsJudgedWhenAPersonAsksAndItsJobsGo(t *testing.T) {
	w := newWorld(t)
	node := w.inJobs()
	node.Next(jobstest.PodDeleted, jobstest.PodDeleted, jobstest.PodDeleted)
	stop := w.start()
	w.sums()
	s := w.submission("lost", "sums", wrongSum)
	w.create(s)
	w.await(s, metav1.ConditionFalse, execution.ReasonJudgingLost)
	finished := s.Status.FinishedAt
	stop()
	w.start()
	w.eventually("the Jobs are gone", func() bool { return len(w.jobs()) == 0 })
	marker := w.submission("marker", "sums", addition)
	w.create(marker)
	w.awaitReady(marker)
	if w.get(s); !s.Status.FinishedAt.Equal(finished) || node.Made() != 4 {
		t.Errorf("a restart tried the stall again: %+v after %d pods", s.Status, node.Made())
	}
	update(w, s, func(s *v1alpha1.Submission) { s.Annotations = map[string]string{v1alpha1.RetryAnnotation: "1"} })
	w.awaitReady(s)
	w.eventually("the Jobs are gone", func() bool { return len(w.jobs()) == 0 })
	if s.Status.Verdict != "WA" || s.Status.FinishedAt.Before(finished) {
		t.Errorf("status %+v", s.Status)
	}
}

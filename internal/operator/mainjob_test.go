package operator_test

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
)

func key(id string) domain.Key { return domain.Key{Platform: platform, ID: id} }

func TestALinkBecomesAPublishedProblemWithAVerifiedSolution(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p := w.problem("ships", "ships", "python")
	w.create(p)
	w.awaitReady(p)
	if p.Status.Title != "A. Sum of ships" || p.Status.Platform != platform || p.Status.ID != "ships" ||
		p.Status.TimeLimit != "2s" || p.Status.MemoryLimit != "256Mi" || *p.Status.Samples != 2 {
		t.Errorf("status %+v", p.Status)
	}
	stored, err := w.table.Problem(t.Context(), key("ships"))
	if err != nil || stored.Problem.Statement.Description != "Add two numbers." || len(stored.Problem.Samples) != 2 {
		t.Fatalf("stored %+v, %v", stored, err)
	}
	job := w.job("ships-python", "ships")
	w.awaitReady(job)
	solutions, err := w.table.Solutions(t.Context(), key("ships"))
	if err != nil || len(solutions) != 1 || solutions[0].Verdict != domain.Accepted || solutions[0].Report.Passed != 2 {
		t.Fatalf("stored %+v, %v", solutions, err)
	}
	if job.Status.Verdict != "AC" || *job.Status.Spending.Calls != 1 || job.Status.Spending.Amount == "0" {
		t.Errorf("status %+v", job.Status)
	}
	if got := w.seen.history("ships"); got != "InProgress Current" {
		t.Errorf("the Problem was %s", got)
	}
}

func TestAProblemCostsFourWritesOneCallAndThreeWritesToTheTable(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.awaitReady(w.provider("gemini", ""), w.provider("openai", ""))
	w.apiWrites.reset()
	w.tableWrites.reset()
	p := w.problem("ships", "ships")
	w.create(p)
	w.awaitReady(p)
	w.eventually("the event is written", func() bool { return w.apiWrites.total("of Problem/ships") > 0 })
	if got := w.apiWrites.total("/problems/", "of Problem/"); got > 4 {
		t.Errorf("%d writes to the API server, want at most 4: %s", got, &w.apiWrites)
	}
	if got := w.paid(); got != 1 {
		t.Errorf("%d paid calls, want 1", got)
	}
	if got := w.tableWrites.total(); got > 3 {
		t.Errorf("%d writes to the table, want at most 3: %s", got, &w.tableWrites)
	}
}

func TestInSteadyStateNothingIsWrittenFetchedOrPaid(t *testing.T) {
	w := newWorld(t)
	stop := w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p := w.problem("ships", "ships", "python")
	blocked := w.problem("blocked", "blocked")
	w.pages.put("/blocked", "<html><head><title>Just a moment...</title></head><body></body></html>")
	w.create(p, blocked)
	w.awaitReady(p)
	w.await(blocked, metav1.ConditionFalse, "PageBlocked")
	w.eventually("the providers' usage is written", func() bool {
		openai := w.provider("openai", "")
		w.get(openai)
		return openai.Status.Usage.Requests != nil && *openai.Status.Usage.Requests == 1
	})
	stop()
	w.apiWrites.reset()
	w.tableWrites.reset()
	paid, fetched := w.paid(), w.pages.fetches()

	// A restart lists and reconciles everything anew, as a resync does.
	stop = w.start()
	marker := w.problem("marker", "marker")
	marker.Spec.Source = v1alpha1.ProblemSource{Inline: &v1alpha1.InlineProblem{
		ID: "marker", Title: "Marker", Description: "It comes last.", Samples: []v1alpha1.InlineSample{{Output: "1"}},
	}}
	w.create(marker)
	w.awaitReady(marker)
	stop()
	if got := w.apiWrites.total("/ships", "/blocked", "/modelproviders"); got != 0 {
		t.Errorf("writes to the API server: %s", &w.apiWrites)
	}
	if got := w.tableWrites.total(); got > 1 {
		t.Errorf("writes to the table beside the marker's: %s", &w.tableWrites)
	}
	if w.paid() != paid || w.pages.fetches() != fetched {
		t.Errorf("%d paid calls and %d fetches, want %d and %d", w.paid(), w.pages.fetches(), paid, fetched)
	}
}

func TestAWrongProgramIsRepairedWithWhatWentWrong(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", noProgram, wrongProgram, rightProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	w.awaitReady(job)
	var verdicts []string
	for _, a := range job.Status.Attempts {
		verdicts = append(verdicts, a.Verdict)
	}
	if len(verdicts) != 3 || verdicts[0] != "CE" || verdicts[1] != "WA" || verdicts[2] != "AC" {
		t.Errorf("verdicts %v", verdicts)
	}
	if failed := job.Status.Attempts[1]; failed.FailedTest != "sample 2" || failed.Detail == "" || *failed.Passed != 1 {
		t.Errorf("attempt 2: %+v", failed)
	}
	if *job.Status.Spending.Calls != 3 || *job.Status.BestAttempt != 3 {
		t.Errorf("status %+v", job.Status)
	}
}

func TestUsedUpAttemptsStallAndMoreOfThemGoOnWhereTheyStopped(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", noProgram, wrongProgram, rightProgram)
	p := w.problem("ships", "ships", "python")
	p.Spec.Solutions[0].MaxAttempts = 2
	w.create(p)
	job := w.job("ships-python", "ships")
	w.eventually("the job is made", func() bool { return w.client.Get(t.Context(), nameOf(job), job) == nil })
	w.await(job, metav1.ConditionFalse, v1alpha1.ReasonAttemptsExhausted)
	w.await(p, metav1.ConditionFalse, v1alpha1.ReasonSolutionStalled)
	if job.Status.Verdict != "WA" || *job.Status.BestAttempt != 2 {
		t.Errorf("the best attempt is not kept: %+v", job.Status)
	}
	paid := w.paid()
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Solutions[0].MaxAttempts = 4 })
	w.awaitReady(p)
	w.awaitReady(job)
	if got := w.paid() - paid; got != 1 {
		t.Errorf("%d calls for one more attempt", got)
	}
}

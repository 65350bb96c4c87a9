package operator_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/ledger"
)

// budgetOf is a Budget of the test's namespace.
func (w *world) budgetOf(name, amount string, selector map[string]string) *v1alpha1.Budget {
	b := &v1alpha1.Budget{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name},
		Spec:       v1alpha1.BudgetSpec{Amount: v1alpha1.Amount(amount)},
	}
	if selector != nil {
		b.Spec.ProblemSelector = &metav1.LabelSelector{MatchLabels: selector}
	}
	return b
}

func TestANamespacesBudgetHoldsEveryObjectUntilItIsRaised(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	limit := w.budgetOf("all", "0.000001", nil)
	w.create(limit)
	w.awaitReady(limit)
	w.answer("ships", "solve-python", rightProgram)
	w.answer("inline", "solve-python", rightProgram)
	p := w.problem("ships", "ships")
	sums := inlineProblem(w, "sums")
	job := w.job("solution", "sums")
	w.script("inline", "sums", "solve-python", []map[string]any{{"attempt": 1, "json": rightProgram}})
	w.create(p, sums, job)
	for _, o := range []object{p, job} {
		waiting := w.await(o, metav1.ConditionUnknown, "BudgetExceeded")
		if !strings.Contains(waiting.Message, `the Budget "all" of 0.000001 USD is used up until 2`) || !strings.Contains(waiting.Message, "-01; raise its spec.amount") {
			t.Errorf("%s: %q", o.GetName(), waiting.Message)
		}
	}
	if w.paid() != 0 {
		t.Errorf("%d paid calls", w.paid())
	}
	if got := w.metric("algoitny_questions_waiting", map[string]string{"reason": "BudgetExceeded"}); got != 2 {
		t.Errorf("the metric says that %v wait", got)
	}
	w.eventually("the Budget shows who waits", func() bool {
		w.get(limit)
		return limit.Status.Waiting != nil && *limit.Status.Waiting == 2 && meta.IsStatusConditionTrue(limit.Status.Conditions, v1alpha1.ConditionExceeded)
	})
	update(w, limit, func(b *v1alpha1.Budget) { b.Spec.Amount = "10" })
	w.awaitReady(p, job)
	if got := w.metric("algoitny_questions_waiting", nil); got != 0 {
		t.Errorf("the metric says that %v still wait", got)
	}
	if calls, cost := w.metric("algoitny_model_calls_total", map[string]string{"outcome": "answered"}), w.metric("algoitny_model_cost_total", nil); calls != 2 || cost <= 0 {
		t.Errorf("%v calls for %v by the metrics", calls, cost)
	}
	w.eventually("the Budget shows what was spent", func() bool {
		w.get(limit)
		return limit.Status.Calls != nil && *limit.Status.Calls == 2 && limit.Status.Spent != "0" && limit.Status.Reserved == "0"
	})
	if meta.IsStatusConditionTrue(limit.Status.Conditions, v1alpha1.ConditionExceeded) {
		t.Errorf("%+v", limit.Status)
	}
}

func TestABudgetForSomeProblemsHoldsOnlyThose(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	limit := w.budgetOf("autumn", "0", map[string]string{"set": "autumn"})
	w.create(limit)
	w.await(limit, metav1.ConditionTrue, "")
	if !meta.IsStatusConditionTrue(limit.Status.Conditions, v1alpha1.ConditionExceeded) {
		t.Errorf("a budget of 0 is not exceeded: %+v", limit.Status.Conditions)
	}
	in, out := w.problem("in", "in"), w.problem("out", "out")
	in.Labels = map[string]string{"set": "autumn"}
	w.create(in, out)
	w.awaitReady(out)
	w.await(in, metav1.ConditionUnknown, "BudgetExceeded")
	if err := w.client.Delete(t.Context(), limit); err != nil {
		t.Fatal(err)
	}
	w.awaitReady(in)
}

func TestAProblemsOwnBudgetCoversItsSolutions(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	p := w.problem("ships", "ships", "python")
	w.answer("ships", "solve-python", rightProgram)
	p.Spec.Budget = v1alpha1.ProblemBudget{Amount: "0"}
	w.create(p)
	waiting := w.await(p, metav1.ConditionUnknown, "BudgetExceeded")
	if waiting.Message != `the budget of Problem "ships" of 0 USD is used up; raise spec.budget.amount to go on` {
		t.Errorf("%q", waiting.Message)
	}
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Budget.Amount = "1" })
	w.awaitReady(p)
	w.eventually("the total has both calls", func() bool {
		w.get(p)
		return p.Status.Total.Calls != nil && *p.Status.Total.Calls == 2
	})
	used, err := w.table.Usage(t.Context(), budget.ProblemAccount(nameOf(p), "USD"))
	if err != nil || used.Requests != 2 || used.CommittedNano != used.SpentNano {
		t.Errorf("%+v, %v", used, err)
	}
	if p.Status.Total.Amount <= p.Status.Spending.Amount || p.Status.Total.Currency != "USD" {
		t.Errorf("total %+v, its own %+v", p.Status.Total, p.Status.Spending)
	}
}

func TestABudgetInAnotherCurrencyLetsNothingPass(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	limit := w.budgetOf("euros", "100", nil)
	limit.Spec.Currency = "EUR"
	p := w.problem("ships", "ships")
	w.create(limit)
	w.awaitReady(limit)
	w.create(p)
	stalled := w.await(p, metav1.ConditionFalse, "BudgetCurrencyDiffers")
	if !strings.Contains(stalled.Message, `Budget "euros" counts EUR and the ModelProvider bills USD`) || w.paid() != 0 {
		t.Errorf("%q after %d calls", stalled.Message, w.paid())
	}
}

func TestARefreshAsksAnewAndNothingElseDoes(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", rightProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	w.awaitReady(p, job)
	again := w.job("again", "ships")
	w.create(again)
	w.awaitReady(again)
	if w.paid() != 2 {
		t.Fatalf("%d calls; the second job asks what is recorded", w.paid())
	}
	for _, word := range []string{"1", "2"} {
		update(w, job, func(j *v1alpha1.SolutionJob) { j.Spec.Refresh = word })
		w.awaitReady(job)
	}
	if w.paid() != 4 {
		t.Errorf("%d calls after two refreshes, want 4", w.paid())
	}
	update(w, p, func(p *v1alpha1.Problem) { p.Spec.Refresh = "1" })
	w.awaitReady(p)
	if w.paid() != 5 {
		t.Errorf("%d calls after the page was asked for anew, want 5", w.paid())
	}
}

// What goes with a batch says so, and comes when the vendor has it.
func TestADistantDeadlineLetsTheWorkGoWithABatch(t *testing.T) {
	w := newWorld(t)
	config := w.config()
	config.BatchWindow, config.BatchPoll = 100*time.Millisecond, 100*time.Millisecond
	w.startWith(config)
	w.providers()
	w.script("inline", "sums", "solve-python", []map[string]any{{"attempt": 1, "json": rightProgram}})
	p, job := inlineProblem(w, "sums"), w.job("solution", "sums")
	far := metav1.NewTime(time.Now().Add(72 * time.Hour))
	job.Spec.Deadline = &far
	w.create(p, job)
	w.awaitReady(job)
	calls := w.model.Calls()
	if len(calls) != 1 || !calls[0].Batch {
		t.Fatalf("%+v", calls)
	}
	used, err := w.table.Usage(t.Context(), ledger.ProviderAccount(w.namespace+"/openai", "USD", time.Now()))
	if err != nil || used.SpentNano == 0 || used.CommittedNano != used.SpentNano {
		t.Errorf("%+v, %v", used, err)
	}
}

// Who does not want to wait for a batch any more is asked for at once, and what
// was gathered is not paid for as well.
func TestWorkThatWaitsForABatchIsAskedForAtOnceOnAWord(t *testing.T) {
	w := newWorld(t)
	config := w.config()
	config.BatchWindow, config.BatchPoll = 5*time.Second, 100*time.Millisecond
	w.startWith(config)
	w.providers()
	w.script("inline", "sums", "solve-python", []map[string]any{{"attempt": 1, "json": rightProgram}})
	p, job := inlineProblem(w, "sums"), w.job("solution", "sums")
	job.Spec.Delivery = v1alpha1.DeliveryBatch
	w.create(p, job)
	w.await(job, metav1.ConditionUnknown, "BatchPending")
	update(w, job, func(j *v1alpha1.SolutionJob) { j.Spec.Delivery = v1alpha1.DeliveryImmediate })
	w.awaitReady(job)
	// The batch would go out by now.
	time.Sleep(config.BatchWindow)
	if calls := w.model.Calls(); len(calls) != 1 || calls[0].Batch {
		t.Errorf("%+v", calls)
	}
}

// Two namespaces with the same key share a gate; its row is what they wait at.
func TestProvidersOfOneKeyShareTheirLimits(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.secret()
	provider := w.provider("gemini", v1alpha1.ProviderGemini)
	provider.Spec.Limits = v1alpha1.ProviderLimits{RequestsPerMinute: 600, Concurrent: 1}
	twin := w.provider("twin", v1alpha1.ProviderGemini)
	twin.Spec.Limits = provider.Spec.Limits
	w.create(provider, twin)
	p, q := w.problem("ships", "ships"), w.problem("boats", "boats")
	q.Spec.ProviderRef.Name = "twin"
	w.create(p, q)
	w.awaitReady(p, q)
	if gates := regexp.MustCompile(`"Value":"GATE#`).FindAllString(w.dumpTable(), -1); len(gates) != 1 {
		t.Errorf("%d gates for one key", len(gates))
	}
}

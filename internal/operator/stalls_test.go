package operator_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
)

func TestPagesWithoutAProblemStallAndCostNothing(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.pages.put("/wall", "<html><head><title>Just a moment...</title></head><body></body></html>")
	w.pages.put("/login", `<html><head><title>Log in</title></head><body><form><input type="password"></form></body></html>`)
	w.pages.put("/pdf", "%PDF-1.7\n")
	w.pages.put("/list", "<html><body>"+strings.Repeat(`<a href="/problem/X1">one</a><a href="/problem/X2">two</a><a href="/problem/X3">3</a><a href="/problem/X4">4</a><a href="/problem/X5">5</a><a href="/problem/X6">6</a><a href="/problem/X7">7</a><a href="/problem/X8">8</a>`, 2)+"</body></html>")
	w.pages.put("/empty", "<html><body>Nothing here.</body></html>")
	for id, reason := range map[string]string{
		"wall": "PageBlocked", "login": "LoginRequired", "pdf": "NotHTML", "list": "ListPage", "empty": "NoProblemFound", "missing": "PageNotFound",
	} {
		p := &v1alpha1.Problem{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: id},
			Spec:       v1alpha1.ProblemSpec{Source: v1alpha1.ProblemSource{URL: pageURL(id)}},
		}
		w.create(p)
		if got := w.await(p, metav1.ConditionFalse, reason); !strings.Contains(got.Message, "source.") {
			t.Errorf("%s does not say what to do: %q", id, got.Message)
		}
	}
	if w.paid() != 0 {
		t.Errorf("%d paid calls", w.paid())
	}
}

func TestASavedPageGetsPastABotWall(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	w.pages.put("/ships", "<html><head><title>Just a moment...</title></head><body></body></html>")
	w.create(p)
	w.await(p, metav1.ConditionFalse, "PageBlocked")
	update(w, p, func(p *v1alpha1.Problem) {
		p.Spec.Source = v1alpha1.ProblemSource{PageConfigMapRef: &v1alpha1.PageReference{Name: "saved", URL: pageURL("ships")}}
	})
	w.await(p, metav1.ConditionUnknown, v1alpha1.ReasonPageNotFound)
	w.create(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: "saved"}, Data: map[string]string{"page.html": page("Ships")},
	})
	w.awaitReady(p)
}

func TestAStallIsTriedAgainWhenAPersonAsks(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	good := w.pages.bodies["/ships"]
	w.pages.put("/ships", "<html><body>Nothing here.</body></html>")
	w.create(p)
	w.await(p, metav1.ConditionFalse, "NoProblemFound")
	w.pages.put("/ships", good)
	update(w, p, func(p *v1alpha1.Problem) { p.Annotations = map[string]string{v1alpha1.RetryAnnotation: "1"} })
	w.awaitReady(p)
}

func TestClaimsThatStandNotInThePageAreAskedAgainAndThenLeftOut(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	p := w.problem("ships", "ships")
	w.pages.put("/ships", strings.NewReplacer("time limit per test", "note", "2 seconds", "be quick").Replace(page("Ships")))
	invented := extraction("Add two numbers.").(map[string]any)
	invented["time_limit"] = "7 seconds"
	w.answer("ships", "extract", invented, invented, invented)
	w.create(p)
	w.awaitReady(p)
	if len(p.Status.LeftOut) != 1 || p.Status.TimeLimit != "" || *p.Status.Spending.Calls != 3 {
		t.Errorf("status %+v", p.Status)
	}
}

func TestProblemsThatCannotBeJudgedAreRefused(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	for kind, reason := range map[string]string{"interactive": "InteractiveProblem", "function": "FunctionSignature", "image_only": "ImageOnly", "none": "NoProblemFound"} {
		name := strings.ReplaceAll(kind, "_", "")
		p := w.problem(name, name)
		answer := extraction("").(map[string]any)
		answer["kind"] = kind
		w.answer(name, "extract", answer)
		w.create(p)
		w.await(p, metav1.ConditionFalse, reason)
		if *p.Status.Spending.Calls != 1 {
			t.Errorf("%s does not say what it cost: %+v", kind, p.Status.Spending)
		}
	}
}

func TestAProviderWithoutItsSecretStallsAndEverythingRecoversWithIt(t *testing.T) {
	w := newWorld(t)
	w.start()
	provider := w.provider("gemini", v1alpha1.ProviderGemini)
	p := w.problem("ships", "ships")
	w.create(p)
	w.await(p, metav1.ConditionUnknown, v1alpha1.ReasonProviderNotFound)
	w.create(provider)
	w.await(provider, metav1.ConditionFalse, v1alpha1.ReasonSecretNotFound)
	w.await(p, metav1.ConditionUnknown, v1alpha1.ReasonProviderNotReady)
	w.secret()
	// The Secret is looked for every 30 s; a change of the provider is faster.
	update(w, provider, func(p *v1alpha1.ModelProvider) { p.Spec.Model = "another-model" })
	w.awaitReady(provider, p)
}

func TestAKeyThatIsRevokedStallsItsProviderAndOnlyDelaysTheWork(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	openai := w.provider("openai", "")
	w.awaitReady(openai)
	var secret corev1.Secret
	secret.Namespace, secret.Name = w.namespace, "keys"
	update(w, &secret, func(s *corev1.Secret) { s.StringData = map[string]string{"apiKey": "revoked"} })
	p := w.problem("ships", "ships")
	w.create(p)
	gemini := w.provider("gemini", "")
	w.await(gemini, metav1.ConditionFalse, "Unauthorized")
	update(w, &secret, func(s *corev1.Secret) { s.StringData = map[string]string{"apiKey": secretKey} })
	// A refused Secret is read again every 30 s; a change is faster.
	update(w, gemini, func(p *v1alpha1.ModelProvider) { p.Spec.Model = "another-model" })
	w.awaitReady(gemini, p)
}

func TestABudgetThatIsUsedUpHoldsTheWorkUntilItIsRaised(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.secret()
	provider := w.provider("gemini", v1alpha1.ProviderGemini)
	provider.Spec.Budget.Monthly = "0.001"
	p := w.problem("ships", "ships")
	w.create(provider, p)
	waiting := w.await(p, metav1.ConditionUnknown, "BudgetExceeded")
	if !strings.Contains(waiting.Message, "-01") || w.paid() != 0 {
		t.Errorf("%q after %d paid calls", waiting.Message, w.paid())
	}
	update(w, provider, func(p *v1alpha1.ModelProvider) { p.Spec.Budget.Monthly = "10" })
	w.awaitReady(p)
	w.eventually("the provider shows what is left", func() bool {
		w.get(provider)
		return provider.Status.Usage.Remaining != "" && provider.Status.Usage.Spent != "0" && provider.Status.Usage.Reserved == "0"
	})
}

func TestWhatWasPaidForShowsAlthoughTheNextCallFails(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.answer("ships", "solve-python", wrongProgram)
	p, job := w.problem("ships", "ships"), w.job("solution", "ships")
	w.create(p, job)
	// There is no second answer, which the wire server says as a vendor would.
	w.await(job, metav1.ConditionFalse, "RequestRejected")
	if len(job.Status.Attempts) != 1 || job.Status.Verdict != "WA" || *job.Status.Spending.Calls != 1 {
		t.Errorf("status %+v", job.Status)
	}
}

func TestLostCallsAreSentAgainWhenAPersonAsksAndRecordedOnesAreNot(t *testing.T) {
	w := newWorld(t)
	w.start()
	w.providers()
	w.model.FailNext(replay.Fault{Kind: replay.FaultDrop}, replay.Fault{Kind: replay.FaultDrop}, replay.Fault{Kind: replay.FaultDrop})
	p := w.problem("ships", "ships")
	w.create(p)
	w.await(p, metav1.ConditionFalse, "CallsLost")
	for _, word := range []string{"1", "2"} {
		update(w, p, func(p *v1alpha1.Problem) { p.Annotations = map[string]string{v1alpha1.RetryAnnotation: word} })
		w.eventually("the page is read again", func() bool { w.get(p); return expected(p) == "Current" })
	}
	if w.paid() != 4 {
		t.Errorf("%d calls, want three lost ones and one more", w.paid())
	}
}

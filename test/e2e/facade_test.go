//go:build e2e

package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// The facade as it is deployed follows the cluster with the rights that it has,
// serves what the operator has published, and its page.
func TestTheDeployedFacadeShowsWhatIsThere(t *testing.T) {
	w := newWorld(t)
	if got := w.fetch("/api/health/"); !strings.Contains(got, `"status":"ok"`) {
		t.Errorf("its health is %s", got)
	}
	w.adding()
	sub := w.submission("right", "adding", "python", addPython)
	w.create(sub)
	w.await(sub, metav1.ConditionTrue, "")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Second) {
		page := view.ProblemPage{}
		if err := json.Unmarshal([]byte(w.fetch("/api/problems/?q=add")), &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Results) > 0 && page.Results[0].State == view.Ready {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the problem is not shown: %+v", page)
		}
	}
	if got := w.fetch("/"); !strings.Contains(got, "<h1>Problems</h1>") {
		t.Errorf("the page is %.200s", got)
	}
	if got := w.operations("/metrics"); !strings.Contains(got, "algoitny_facade_followed 1") {
		t.Error("the metrics do not say that the cluster is followed")
	}
}

// fetch asks the facade through the API server, as nobody in particular.
func (w *world) fetch(path string) string { return w.proxied("facade:http", path) }

// operations asks on the port of the facade's operators.
func (w *world) operations(path string) string { return w.proxied("facade:operations", path) }

func (w *world) proxied(service, path string) string {
	w.Helper()
	address, query, _ := strings.Cut(path, "?")
	request := clients.CoreV1().RESTClient().Get().Namespace(system).Resource("services").Name(service).SubResource("proxy").Suffix(address)
	if name, value, ok := strings.Cut(query, "="); ok {
		request = request.Param(name, value)
	}
	raw, err := request.DoRaw(w.Context())
	if err != nil {
		w.Fatalf("%s: %v: %s", path, err, raw)
	}
	return string(raw)
}

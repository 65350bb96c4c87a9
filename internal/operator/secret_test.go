package operator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// TestThePlantedKeyShowsNowhere has providers repeat the key in every kind of
// error and then looks for it wherever the operator writes.
func TestThePlantedKeyShowsNowhere(t *testing.T) {
	w := newWorld(t)
	hostile := httptest.NewServer(http.HandlerFunc(repeatTheKey))
	t.Cleanup(hostile.Close)
	w.start()
	w.secret()
	objects := []object{}
	for i, kind := range []v1alpha1.ProviderType{v1alpha1.ProviderGemini, v1alpha1.ProviderOpenAI} {
		for j, status := range hostileStatuses {
			name := fmt.Sprintf("p-%d-%d", i, j)
			provider := w.provider(name, kind)
			provider.Spec.Endpoint = fmt.Sprintf("%s/%d", hostile.URL, status)
			p := w.problem(name, fmt.Sprintf("p%d%d", i, j))
			p.Spec.ProviderRef.Name = name
			w.create(provider, p)
			objects = append(objects, provider, p)
		}
	}
	for _, o := range objects {

		w.eventually("something was said of "+o.GetName(), func() bool { w.get(o); return len(*o.StatusConditions()) > 0 })
	}
	w.eventually("calls failed", func() bool { return strings.Count(logs.String(), w.namespace) > 3 })

	// Failing work rests between its runs, and its state does not swing.
	if got, most := w.apiWrites.total("/modelproviders/"), 3*len(objects)/2; got > most {
		t.Errorf("%d writes for %d providers, want at most %d", got, len(objects)/2, most)
	}
	for place, text := range map[string]string{"the log": logs.String(), "the cluster": w.dumpCluster(), "the table": w.dumpTable()} {
		if strings.Contains(text, secretKey) {
			t.Errorf("the key stands in %s", place)
		}
		if len(text) < 100 {
			t.Errorf("nothing was found in %s, so nothing was checked", place)
		}
	}
}

// The answers of a hostile or broken provider; 0 cuts the connection, and 200
// describes the model and then answers with nonsense.
var hostileStatuses = []int{0, 200, 400, 401, 403, 404, 429, 500}

func repeatTheKey(w http.ResponseWriter, r *http.Request) {
	var status int
	_, _ = fmt.Sscanf(r.URL.Path, "/%d", &status)
	said := fmt.Sprint(r.Header, r.URL)
	switch {
	case status == 0:
		panic(http.ErrAbortHandler)
	case status == 200 && r.Method == http.MethodGet:
		_, _ = io.WriteString(w, `{"id":"test-model","name":"models/test-model"}`)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"error": map[string]any{"message": said, "code": "no_" + secretKey, "status": said, "type": said, "param": said}})
}

func (w *world) dumpCluster() string {
	w.t.Helper()
	var out strings.Builder
	for _, list := range []client.ObjectList{
		&v1alpha1.ModelProviderList{}, &v1alpha1.BudgetList{}, &v1alpha1.TestSuiteList{}, &v1alpha1.ProblemList{}, &v1alpha1.SolutionJobList{}, &v1alpha1.SubmissionList{}, &eventsv1.EventList{}, &corev1.ConfigMapList{},
	} {
		if err := w.client.List(w.t.Context(), list, client.InNamespace(w.namespace)); err != nil {
			w.t.Fatal(err)
		}
		if err := json.NewEncoder(&out).Encode(list); err != nil {
			w.t.Fatal(err)
		}
	}
	return out.String()
}

func (w *world) dumpTable() string {
	w.t.Helper()
	db, err := store.NewClient(w.t.Context(), w.engine.Endpoint, "eu-central-1")
	if err != nil {
		w.t.Fatal(err)
	}
	out, err := db.Scan(w.t.Context(), &dynamodb.ScanInput{TableName: &w.tableName})
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := json.Marshal(out.Items)
	if err != nil {
		w.t.Fatal(err)
	}
	return string(raw)
}

package facade_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
)

// known is a site with one Problem, cses/1068, that the facade has heard of.
func known(t *testing.T) *site {
	t.Helper()
	s := newSite(t)
	s.declare("1068")
	s.await("the problem is known", func() bool { return s.get("/api/problems/cses/1068/").StatusCode == http.StatusOK })
	return s
}

// send posts with an Idempotency-Key.
func (s *site) sendOnce(path, token, key, body string) *answer {
	s.t.Helper()
	s.start()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	return s.send(request)
}

// became is the object that an answer names.
func (s *site) became(a *answer, object client.Object) view.Accepted {
	s.t.Helper()
	if a.StatusCode != http.StatusAccepted {
		s.t.Fatalf("got %d: %s", a.StatusCode, a.body)
	}
	named := view.Accepted{}
	a.into(s.t, &named)
	if err := s.client.Get(s.t.Context(), client.ObjectKey{Namespace: named.Namespace, Name: named.Name}, object); err != nil {
		s.t.Fatal(err)
	}
	return named
}

func TestWhatIsAskedForBecomesAResource(t *testing.T) {
	s := known(t)
	token := s.editor()
	suite := &v1alpha1.TestSuite{}
	a := s.sendOnce("/api/problems/cses/1068/suites", token, "", `{"mutants": 10, "rounds": 0}`)
	named := s.became(a, suite)
	if diff := cmp.Diff(v1alpha1.TestSuiteSpec{
		ProblemRef: v1alpha1.LocalReference{Name: "cses-1068"}, ProviderRef: v1alpha1.LocalReference{Name: "openai"},
		MaxAttempts: 3, Rounds: ptr.To[int32](0), Mutants: ptr.To[int32](10), DeletionPolicy: v1alpha1.DeletionDelete,
	}, suite.Spec); diff != "" || named.Kind != "TestSuite" {
		t.Errorf("%s %s", named.Kind, diff)
	}
	s.await("its address answers", func() bool { return s.get(a.Header.Get("Location")).StatusCode == http.StatusOK })

	job := &v1alpha1.SolutionJob{}
	a = s.sendOnce("/api/problems/cses/1068/solutions", token, "", `{"language": "python", "max_attempts": 2}`)
	s.became(a, job)
	if job.Spec.Language != "python" || job.Spec.MaxAttempts != 2 || job.Spec.ProblemRef.Name != "cses-1068" {
		t.Errorf("got %+v", job.Spec)
	}
	s.await("its address answers", func() bool { return s.get(a.Header.Get("Location")).StatusCode == http.StatusOK })

	program := &v1alpha1.Submission{}
	a = s.sendOnce("/api/problems/cses/1068/submissions", token, "", `{"language": "cpp", "code": "int main() {}\n", "stop_at_first": true}`)
	s.became(a, program)
	if program.Spec.Language != "cpp" || program.Spec.Source.Inline != "int main() {}\n" || !program.Spec.StopAtFirst {
		t.Errorf("got %+v", program.Spec)
	}
	s.await("its address answers", func() bool {
		return s.call(http.MethodGet, a.Header.Get("Location"), token, "").StatusCode == http.StatusOK
	})
}

// asks are the requests for something about a problem.
var asks = map[string]string{
	"suites":      `{"mutants": 10}`,
	"solutions":   `{"language": "python"}`,
	"submissions": `{"language": "python", "code": "print(1)"}`,
}

func TestTheSameRequestSentAgainIsOneResource(t *testing.T) {
	s := known(t)
	token, other := s.editor(), s.bound("another", "problem-editor")
	for what, body := range asks {
		t.Run(what, func(t *testing.T) {
			path := "/api/problems/cses/1068/" + what
			first, again := s.sendOnce(path, token, "mine-1", body), s.sendOnce(path, token, "mine-1", body)
			if first.StatusCode != http.StatusAccepted || string(first.body) != string(again.body) || first.Header.Get("Location") != again.Header.Get("Location") {
				t.Errorf("first %d %s, again %d %s", first.StatusCode, first.body, again.StatusCode, again.body)
			}
			changed := strings.Replace(strings.Replace(body, "10", "11", 1), "python", "cpp", 1)
			s.sendOnce(path, token, "mine-1", changed).mustFail(t, http.StatusUnprocessableEntity, "")
			if theirs := s.sendOnce(path, other, "mine-1", body); theirs.StatusCode != http.StatusAccepted || string(theirs.body) == string(first.body) {
				t.Errorf("somebody else's key is %d %s", theirs.StatusCode, theirs.body)
			}
			if next := s.sendOnce(path, token, "mine-2", body); next.StatusCode != http.StatusAccepted || string(next.body) == string(first.body) {
				t.Errorf("another key is %d %s", next.StatusCode, next.body)
			}
		})
	}
}

func TestWhatCostsMoneyIsAskedForOnceEvenWithoutAKey(t *testing.T) {
	s := known(t)
	token := s.editor()
	for what, same := range map[string]bool{"suites": true, "solutions": true, "submissions": false} {
		path := "/api/problems/cses/1068/" + what
		first, again := s.sendOnce(path, token, "", asks[what]), s.sendOnce(path, token, "", asks[what])
		if first.StatusCode != http.StatusAccepted || again.StatusCode != http.StatusAccepted || (string(first.body) == string(again.body)) != same {
			t.Errorf("%s: %d %s, %d %s", what, first.StatusCode, first.body, again.StatusCode, again.body)
		}
	}
}

func TestAKeyForOneProblemIsRefusedForAnother(t *testing.T) {
	s := newSite(t)
	token := s.editor()
	register := func(key, id string) *answer {
		return s.sendOnce("/api/problems/", token, key, `{"problem_url": "https://cses.fi/problemset/task/`+id+`"}`)
	}
	first := register("k", "1068")
	s.mustExist(register("k", "1068"))
	register("k", "1069").mustFail(t, http.StatusUnprocessableEntity, "")
	s.mustExist(register("l", "1069"))
	if first.StatusCode != http.StatusAccepted {
		t.Errorf("got %d: %s", first.StatusCode, first.body)
	}
	register(strings.Repeat("k", 129), "1070").mustFail(t, http.StatusBadRequest, "Idempotency-Key")
}

func TestNothingIsAskedForWithoutTheRight(t *testing.T) {
	s := known(t)
	stranger := s.account("stranger")
	viewer := s.viewer()
	for what, body := range asks {
		path := "/api/problems/cses/1068/" + what
		s.sendOnce(path, stranger, "", body).mustFail(t, http.StatusForbidden, "")
		s.sendOnce(path, viewer, "", body).mustFail(t, http.StatusForbidden, "")
		s.sendOnce(path, "garbage", "", body).mustFail(t, http.StatusUnauthorized, "")
		s.call(http.MethodPost, path, "", body).mustFail(t, http.StatusUnauthorized, "")
	}
	for _, path := range []string{"/api/problems/cses/1068", "/api/submissions/" + s.namespace + "/any"} {
		s.call(http.MethodDelete, path, viewer, "").mustFail(t, http.StatusForbidden, "")
		s.call(http.MethodDelete, path, "", "").mustFail(t, http.StatusUnauthorized, "")
	}
}

func TestAWrongRequestNamesItsField(t *testing.T) {
	s := known(t)
	token := s.editor()
	for name, c := range map[string]struct {
		what, body string
		status     int
		field      string
	}{
		"no language":             {"solutions", `{}`, http.StatusBadRequest, "language"},
		"a language nobody knows": {"solutions", `{"language": "cobol"}`, http.StatusUnprocessableEntity, "language"},
		"too many attempts":       {"solutions", `{"language": "go", "max_attempts": 11}`, http.StatusBadRequest, "max_attempts"},
		"a number of mutants":     {"suites", `{"mutants": 201}`, http.StatusBadRequest, "mutants"},
		"rounds in words":         {"suites", `{"rounds": "two"}`, http.StatusBadRequest, "rounds"},
		"no code":                 {"submissions", `{"language": "go"}`, http.StatusBadRequest, "code"},
		"empty code":              {"submissions", `{"language": "go", "code": ""}`, http.StatusBadRequest, "code"},
		"code too long":           {"submissions", `{"language": "go", "code": "` + strings.Repeat("x", 65537) + `"}`, http.StatusBadRequest, "code"},
		"code too long in bytes":  {"submissions", `{"language": "go", "code": "` + strings.Repeat("é", 40000) + `"}`, http.StatusUnprocessableEntity, "code"},
		"an unknown field":        {"submissions", `{"language": "go", "code": "x", "verdict": "AC"}`, http.StatusBadRequest, "verdict"},
	} {
		t.Run(name, func(t *testing.T) {
			s.sendOnce("/api/problems/cses/1068/"+c.what, token, "", c.body).mustFail(t, c.status, c.field)
		})
	}
	s.sendOnce("/api/problems/cses/none/suites", token, "", `{}`).mustFail(t, http.StatusNotFound, "")
}

func TestAProblemThatNothingKeepsTakesNoRequests(t *testing.T) {
	s := newSite(t)
	s.put("codeforces", "4A")
	token := s.editor()
	s.sendOnce("/api/problems/codeforces/4A/solutions", token, "", asks["solutions"]).mustFail(t, http.StatusConflict, "")
	s.call(http.MethodDelete, "/api/problems/codeforces/4A", token, "").mustFail(t, http.StatusConflict, "")
}

func TestADeletionDeletesTheResource(t *testing.T) {
	s := known(t)
	token := s.editor()
	program := s.became(s.sendOnce("/api/problems/cses/1068/submissions", token, "", asks["submissions"]), &v1alpha1.Submission{})
	job := s.became(s.sendOnce("/api/problems/cses/1068/solutions", token, "", asks["solutions"]), &v1alpha1.SolutionJob{})
	suite := s.became(s.sendOnce("/api/problems/cses/1068/suites", token, "", asks["suites"]), &v1alpha1.TestSuite{})
	for path, object := range map[string]client.Object{
		"/api/submissions/" + program.Namespace + "/" + program.Name:                 &v1alpha1.Submission{},
		"/api/problems/cses/1068/solutions/python/" + job.Namespace + "." + job.Name: &v1alpha1.SolutionJob{},
		"/api/problems/cses/1068/suites/" + suite.Namespace + "." + suite.Name:       &v1alpha1.TestSuite{},
	} {
		s.await(path+" is there", func() bool { return s.call(http.MethodGet, path, token, "").StatusCode == http.StatusOK })
		a := s.call(http.MethodDelete, path, token, "")
		if a.StatusCode != http.StatusAccepted {
			t.Errorf("DELETE %s gives %d: %s", path, a.StatusCode, a.body)
			continue
		}
		named := view.Accepted{}
		a.into(t, &named)
		if s.client.Get(t.Context(), client.ObjectKey{Namespace: named.Namespace, Name: named.Name}, object) == nil {
			t.Errorf("%s is still there", path)
		}
	}
	if a := s.call(http.MethodDelete, "/api/problems/cses/1068/", token, ""); a.StatusCode != http.StatusAccepted || len(s.problems()) != 0 {
		t.Errorf("got %d: %s, and %v", a.StatusCode, a.body, s.problems())
	}
	s.await("it is gone from the list", func() bool { return len(s.states()) == 0 })
	s.call(http.MethodDelete, "/api/problems/cses/1068/", token, "").mustFail(t, http.StatusNotFound, "")
}

func TestWhatATemplateAsksForIsNotDeletedAlone(t *testing.T) {
	s := known(t)
	owner := &v1alpha1.Problem{}
	if err := s.client.Get(t.Context(), client.ObjectKey{Namespace: s.namespace, Name: "cses-1068"}, owner); err != nil {
		t.Fatal(err)
	}
	job := &v1alpha1.SolutionJob{Spec: v1alpha1.SolutionJobSpec{ProblemRef: v1alpha1.LocalReference{Name: owner.Name}, Language: "go"}}
	job.Namespace, job.Name = s.namespace, "cses-1068-go"
	own(job, owner)
	s.create(job)
	token, path := s.editor(), "/api/problems/cses/1068/solutions/go/"+s.namespace+".cses-1068-go"
	s.await("it is there", func() bool { return s.get(path).StatusCode == http.StatusOK })
	s.call(http.MethodDelete, path, token, "").mustFail(t, http.StatusConflict, "")
}

func TestAThousandAddressesAreRegisteredAtOnce(t *testing.T) {
	// They take 3 s; a machine may be too busy for 10.
	s := newSite(t, func(o *facade.Options) { o.Timeout = time.Minute })
	token := s.editor()
	const count = 1000
	urls := make([]string, count)
	for i := range urls {
		urls[i] = fmt.Sprintf("https://cses.fi/problemset/task/%d", 1000+i)
	}
	urls[10], urls[20], urls[30] = "no address", "https://cses.fi/problemset/task/1019", "ftp://cses.fi/problemset/task/1"
	body, err := json.Marshal(map[string]any{"problem_urls": urls})
	if err != nil {
		t.Fatal(err)
	}
	bulk := func() view.BulkResults {
		a := s.call(http.MethodPost, "/api/problems/bulk", token, string(body))
		if a.StatusCode != http.StatusOK {
			t.Fatalf("got %d: %s", a.StatusCode, a.body)
		}
		out := view.BulkResults{}
		a.into(t, &out)
		return out
	}
	first := bulk()
	if first.Registered != count-2 || first.Refused != 2 || len(first.Results) != count || len(s.problems()) != count-3 {
		t.Errorf("registered %d, refused %d, and there are %d", first.Registered, first.Refused, len(s.problems()))
	}
	for i, r := range first.Results {
		refused := i == 10 || i == 30
		if r.URL != urls[i] || (r.Status == http.StatusBadRequest) != refused || (r.Detail != "") != refused || (r.Accepted == nil) != refused {
			t.Errorf("%d: %+v", i, r)
		}
	}
	if diff := cmp.Diff(first, bulk()); diff != "" {
		t.Errorf("sent again:\n%s", diff)
	}
}

func TestABulkSaysWhatThereWasNoTimeFor(t *testing.T) {
	const fast, all = 3, 20
	var asked atomic.Int64
	cluster := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == http.MethodGet:
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		case strings.HasSuffix(r.URL.Path, "/selfsubjectaccessreviews"):
			body = []byte(`{"kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "status": {"allowed": true}}`)
		case asked.Add(1) > fast:
			<-r.Context().Done()
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(body)
	}))
	t.Cleanup(cluster.Close)
	s := awaySite(t, func(o *facade.Options) { o.Cluster, o.Timeout = &rest.Config{Host: cluster.URL}, 2*time.Second })
	urls := make([]string, all)
	for i := range urls {
		urls[i] = fmt.Sprintf("https://cses.fi/problemset/task/%d", 1000+i)
	}
	body, err := json.Marshal(map[string]any{"problem_urls": urls})
	if err != nil {
		t.Fatal(err)
	}
	out := view.BulkResults{}
	s.call(http.MethodPost, "/api/problems/bulk", "token", string(body)).into(t, &out)
	if out.Registered != fast || out.Refused != all-fast {
		t.Errorf("%d are registered, %d refused", out.Registered, out.Refused)
	}
	for _, r := range out.Results {
		if r.Accepted == nil && (r.Status != http.StatusServiceUnavailable || !strings.HasPrefix(r.Detail, "there was no time left for it; send the same again")) {
			t.Errorf("got %+v", r)
		}
	}
}

func TestABulkThatIsTooLargeOrNotAllowedMakesNothing(t *testing.T) {
	s := newSite(t)
	many := strings.Repeat(`"https://cses.fi/problemset/task/1",`, 1001)
	token := s.editor()
	s.call(http.MethodPost, "/api/problems/bulk", token, `{"problem_urls": [`+strings.TrimSuffix(many, ",")+`]}`).mustFail(t, http.StatusBadRequest, "problem_urls")
	s.call(http.MethodPost, "/api/problems/bulk", token, `{"problem_urls": []}`).mustFail(t, http.StatusBadRequest, "problem_urls")
	one := `{"problem_urls": ["https://cses.fi/problemset/task/1"]}`
	s.call(http.MethodPost, "/api/problems/bulk", s.account("stranger"), one).mustFail(t, http.StatusForbidden, "")
	s.call(http.MethodPost, "/api/problems/bulk", "", one).mustFail(t, http.StatusUnauthorized, "")
	if names := s.problems(); len(names) != 0 {
		t.Errorf("there are %v", names)
	}
}

// TestAProblemIsThereAsSoonAsItIsRegistered asks for something about a problem
// in the very next request, before the watch can have told of it.
func TestAProblemIsThereAsSoonAsItIsRegistered(t *testing.T) {
	s := awaySite(t)
	s.options.WatchNamespace = "none"
	token := s.editor()
	for id := range 5 {
		s.mustExist(s.post(token, fmt.Sprintf(`{"problem_url": "https://cses.fi/problemset/task/%d"}`, id+1)))
		for what, body := range asks {
			if a := s.sendOnce(fmt.Sprintf("/api/problems/cses/%d/%s", id+1, what), token, "", body); a.StatusCode != http.StatusAccepted {
				t.Errorf("%s: got %d: %s", what, a.StatusCode, a.body)
			}
		}
		if a := s.call(http.MethodDelete, fmt.Sprintf("/api/problems/cses/%d", id+1), token, ""); a.StatusCode != http.StatusAccepted {
			t.Errorf("got %d: %s", a.StatusCode, a.body)
		}
	}
}

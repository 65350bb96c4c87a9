package facade_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
	"github.com/algoitny/algoitny-operator/internal/facade"
)

const watermelon = `{"problem_url": "https://codeforces.com/problemset/problem/4/A", "difficulty_rating": 800, "languages": ["python", "go"]}`

// mustExist reads the Problem an answer names.
func (s *site) mustExist(a *answer) *v1alpha1.Problem {
	s.t.Helper()
	if a.StatusCode != http.StatusAccepted {
		s.t.Fatalf("got %d: %s", a.StatusCode, a.body)
	}
	named := struct{ Platform, Problem_id, Kind, Namespace, Name string }{} //nolint:revive // the field of the answer
	a.into(s.t, &named)
	if want := "/api/problems/" + named.Platform + "/" + named.Problem_id + "/"; a.Header.Get("Location") != want {
		s.t.Errorf("the location is %q, want %q", a.Header.Get("Location"), want)
	}
	object := &v1alpha1.Problem{}
	if err := s.client.Get(s.t.Context(), client.ObjectKey{Namespace: named.Namespace, Name: named.Name}, object); err != nil {
		s.t.Fatal(err)
	}
	return object
}

// problems are the names of the namespace's Problems.
func (s *site) problems() []string {
	s.t.Helper()
	list := &v1alpha1.ProblemList{}
	if err := s.client.List(s.t.Context(), list, client.InNamespace(s.namespace)); err != nil {
		s.t.Fatal(err)
	}
	names := []string{}
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	return names
}

func TestRegisteringCreatesAProblem(t *testing.T) {
	s := newSite(t)
	a := s.post(s.editor(), watermelon)
	object := s.mustExist(a)
	want := v1alpha1.ProblemSpec{
		Source:           v1alpha1.ProblemSource{URL: "https://codeforces.com/contest/4/problem/A"},
		ProviderRef:      v1alpha1.LocalReference{Name: "gemini"},
		DifficultyRating: ptr.To[int32](800),
		Solutions: []v1alpha1.SolutionTemplate{
			{Language: "python", ProviderRef: v1alpha1.LocalReference{Name: "openai"}, MaxAttempts: 4},
			{Language: "go", ProviderRef: v1alpha1.LocalReference{Name: "openai"}, MaxAttempts: 4},
		},
		DeletionPolicy: v1alpha1.DeletionDelete,
	}
	if diff := cmp.Diff(want, object.Spec); diff != "" {
		t.Error(diff)
	}
	if a.Header.Get("Location") != "/api/problems/codeforces/4A/" || object.Namespace != s.namespace {
		t.Errorf("%s is at %s", object.Namespace, a.Header.Get("Location"))
	}
	if manager := object.ManagedFields[0].Manager; manager != "algoitny-facade" {
		t.Errorf("its fields are managed by %q", manager)
	}
}

func TestRegisteringAgainChangesNothing(t *testing.T) {
	s := newSite(t)
	token := s.editor()
	first := s.post(token, watermelon)
	before := s.mustExist(first)
	for _, again := range []string{
		watermelon,
		`{"problem_url": "http://codeforces.com/contest/4/problem/a?utm_source=x"}`,
		`{"problem_url": "https://m1.codeforces.com/contest/4/problem/A", "languages": ["cpp"]}`,
	} {
		a := s.post(token, again)
		if diff := cmp.Diff(before, s.mustExist(a)); diff != "" || string(a.body) != string(first.body) {
			t.Errorf("%s\n%s", a.body, diff)
		}
	}
	if names := s.problems(); len(names) != 1 {
		t.Errorf("there are %v", names)
	}
}

func TestAProblemWrittenInGitWithAnotherSpellingIsTheSame(t *testing.T) {
	s := newSite(t)
	token := s.editor()
	created := s.mustExist(s.post(token, watermelon))
	if err := s.client.Delete(t.Context(), created); err != nil {
		t.Fatal(err)
	}
	s.create(s.named(created.Name, v1alpha1.ProblemSource{URL: "https://codeforces.com/problemset/problem/4/A"}))
	s.mustExist(s.post(token, watermelon))
}

func (s *site) named(name string, source v1alpha1.ProblemSource) *v1alpha1.Problem {
	return &v1alpha1.Problem{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: name}, Spec: v1alpha1.ProblemSpec{Source: source},
	}
}

func TestANameThatSomethingElseHasIsAConflict(t *testing.T) {
	inline := v1alpha1.ProblemSource{Inline: &v1alpha1.InlineProblem{
		ID: "x", Title: "X", Description: "X", Samples: []v1alpha1.InlineSample{{Output: "1\n"}},
	}}
	for name, taken := range map[string]v1alpha1.ProblemSource{
		"another address": {URL: "https://codeforces.com/contest/1/problem/A"},
		"no address":      inline,
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			token := s.editor()
			s.create(s.named("cses-1068", taken))
			s.post(token, `{"problem_url": "https://cses.fi/problemset/task/1068"}`).mustFail(t, http.StatusConflict, "")
		})
	}
}

func TestAProblemThatIsBeingDeletedIsAConflict(t *testing.T) {
	s := newSite(t)
	object := s.named("cses-1068", v1alpha1.ProblemSource{URL: "https://cses.fi/problemset/task/1068"})
	object.Finalizers = []string{v1alpha1.Finalizer}
	s.create(object)
	if err := s.client.Delete(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	s.post(s.editor(), `{"problem_url": "https://cses.fi/problemset/task/1068"}`).mustFail(t, http.StatusConflict, "")
}

func TestWhoMayRegister(t *testing.T) {
	s := newSite(t)
	editor, stranger := s.editor(), s.account("stranger")
	elsewhere := newSite(t).editor()
	for name, c := range map[string]struct {
		authorization string
		want          int
	}{
		"nobody":                      {"", http.StatusUnauthorized},
		"an empty token":              {"Bearer ", http.StatusUnauthorized},
		"a password":                  {"Basic YTpi", http.StatusUnauthorized},
		"a token without its scheme":  {editor, http.StatusUnauthorized},
		"garbage":                     {"Bearer garbage", http.StatusUnauthorized},
		"a forged token":              {"Bearer " + editor[:len(editor)-8] + "AAAAAAAA", http.StatusUnauthorized},
		"a stranger":                  {"Bearer " + stranger, http.StatusForbidden},
		"an editor elsewhere":         {"Bearer " + elsewhere, http.StatusForbidden},
		"an editor":                   {"Bearer " + editor, http.StatusAccepted},
		"an editor in small letters":  {"bearer " + editor, http.StatusAccepted},
		"an editor with wide spacing": {"Bearer   " + editor, http.StatusAccepted},
	} {
		t.Run(name, func(t *testing.T) {
			request := s.request(strings.NewReader(watermelon))
			request.Header.Set("Authorization", c.authorization)
			a := s.send(request)
			if a.StatusCode != c.want {
				t.Errorf("got %d, want %d: %s", a.StatusCode, c.want, a.body)
			}
			if challenged := a.Header.Get("WWW-Authenticate") == "Bearer"; challenged != (c.want == http.StatusUnauthorized) {
				t.Errorf("%d has the challenge %q", a.StatusCode, a.Header.Get("WWW-Authenticate"))
			}
		})
	}
}

func (s *site) request(body io.Reader) *http.Request {
	s.t.Helper()
	s.start()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+"/api/problems/", body)
	if err != nil {
		s.t.Fatal(err)
	}
	return request
}

func TestWhoMayCreateButNotReadLearnsNothingOfWhatIsThere(t *testing.T) {
	s := newSite(t)
	s.mustExist(s.post(s.editor(), watermelon))
	s.post(s.account("stranger"), watermelon).mustFail(t, http.StatusForbidden, "")
}

func TestAHeaderCannotBorrowAnIdentity(t *testing.T) {
	s := newSite(t)
	editor := s.editor()
	request := s.request(strings.NewReader(watermelon))
	request.Header.Set("Authorization", "Bearer "+s.account("stranger"))
	request.Header.Set("Impersonate-User", "system:serviceaccount:"+s.namespace+":editor")
	request.Header.Set("X-Remote-User", "system:serviceaccount:"+s.namespace+":editor")
	s.send(request).mustFail(t, http.StatusForbidden, "")
	s.mustExist(s.post(editor, watermelon))
}

func TestTheFacadesOwnCredentialsAreNeverUsed(t *testing.T) {
	var admin *rest.Config
	s := awaySite(t, func(o *facade.Options) {
		o.Cluster = rest.AnonymousClientConfig(controlplanetest.Config())
		o.Cluster.BearerToken, o.Cluster.Impersonate.UserName = "its own", "system:admin"
		admin = o.Cluster
	})
	s.post("garbage", watermelon).mustFail(t, http.StatusUnauthorized, "")
	s.mustExist(s.post(s.editor(), watermelon))
	if admin.BearerToken != "its own" {
		t.Error("the given configuration was changed")
	}
}

func TestAWrongRegistrationNamesTheField(t *testing.T) {
	s := newSite(t)
	token := s.editor()
	for name, c := range map[string]struct {
		body   string
		status int
		field  string
	}{
		"no address":              {`{}`, http.StatusBadRequest, "problem_url"},
		"an empty address":        {`{"problem_url": ""}`, http.StatusBadRequest, "problem_url"},
		"null for an address":     {`{"problem_url": null}`, http.StatusBadRequest, "problem_url"},
		"a number for an address": {`{"problem_url": 4}`, http.StatusBadRequest, "problem_url"},
		"no address at all":       {`{"problem_url": "watermelon"}`, http.StatusBadRequest, "problem_url"},
		"a file":                  {`{"problem_url": "file:///etc/passwd"}`, http.StatusBadRequest, "problem_url"},
		"a script":                {`{"problem_url": "javascript:alert(1)"}`, http.StatusBadRequest, "problem_url"},
		"a password":              {`{"problem_url": "https://a:b@codeforces.com/contest/4/problem/A"}`, http.StatusBadRequest, "problem_url"},
		"a whole contest":         {`{"problem_url": "https://codeforces.com/contest/4"}`, http.StatusBadRequest, "problem_url"},
		"an endless address":      {`{"problem_url": "https://codeforces.com/` + strings.Repeat("x", 3000) + `"}`, http.StatusBadRequest, "problem_url"},
		"an address that grows":   {`{"problem_url": "https://judge.example/?q=` + strings.Repeat("日", 300) + `"}`, http.StatusUnprocessableEntity, "problem_url"},
		"a rating in words":       {`{"problem_url": "https://cses.fi/problemset/task/1068", "difficulty_rating": "hard"}`, http.StatusBadRequest, "difficulty_rating"},
		"half a rating":           {`{"problem_url": "https://cses.fi/problemset/task/1068", "difficulty_rating": 1.5}`, http.StatusBadRequest, "difficulty_rating"},
		"a rating beyond numbers": {`{"problem_url": "https://cses.fi/problemset/task/1068", "difficulty_rating": 1e99}`, http.StatusBadRequest, "difficulty_rating"},
		"a rating too high":       {`{"problem_url": "https://cses.fi/problemset/task/1068", "difficulty_rating": 5001}`, http.StatusBadRequest, "difficulty_rating"},
		"a rating below zero":     {`{"problem_url": "https://cses.fi/problemset/task/1068", "difficulty_rating": -1}`, http.StatusBadRequest, "difficulty_rating"},
		"an unknown language":     {`{"problem_url": "https://cses.fi/problemset/task/1068", "languages": ["go", "cobol"]}`, http.StatusUnprocessableEntity, "languages[1]"},
		"a language twice":        {`{"problem_url": "https://cses.fi/problemset/task/1068", "languages": ["go", "go"]}`, http.StatusUnprocessableEntity, "languages[1]"},
		"one language, no list":   {`{"problem_url": "https://cses.fi/problemset/task/1068", "languages": "go"}`, http.StatusBadRequest, "languages"},
		"a number as a language":  {`{"problem_url": "https://cses.fi/problemset/task/1068", "languages": [1]}`, http.StatusBadRequest, "languages[0]"},
		"nothing as a language":   {`{"problem_url": "https://cses.fi/problemset/task/1068", "languages": [null]}`, http.StatusBadRequest, "languages[0]"},
		"an unknown field":        {`{"problem_url": "https://cses.fi/problemset/task/1068", "owner": "me"}`, http.StatusBadRequest, "owner"},
		"a field in capitals":     {`{"problem_url": "https://cses.fi/problemset/task/1068", "LANGUAGES": []}`, http.StatusBadRequest, "LANGUAGES"},
		"no body":                 {``, http.StatusBadRequest, ""},
		"no JSON":                 {`problem_url=x`, http.StatusBadRequest, ""},
		"half a body":             {`{"problem_url": "https://cses.fi`, http.StatusBadRequest, ""},
		"a list":                  {`[]`, http.StatusBadRequest, ""},
		"null":                    {`null`, http.StatusBadRequest, ""},
		"more after the end":      {`{"problem_url": "https://cses.fi/problemset/task/1068"} {}`, http.StatusBadRequest, ""},
		"a bracket too many":      {`{"problem_url": "https://cses.fi/problemset/task/1068"}}`, http.StatusBadRequest, ""},
		"nothing but depth":       {strings.Repeat(`{"a":`, 12000), http.StatusBadRequest, ""},
		"a body without end":      {`{"problem_url": "` + strings.Repeat("x", 64<<10) + `"}`, http.StatusRequestEntityTooLarge, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s.post(token, c.body).mustFail(t, c.status, c.field)
		})
	}
	if names := s.problems(); len(names) != 0 {
		t.Errorf("there are %v", names)
	}
}

func TestABodyIsJSONAndSaysSo(t *testing.T) {
	s := newSite(t)
	token := s.editor()
	for mediaType, status := range map[string]int{
		"":                                  http.StatusAccepted,
		"application/json":                  http.StatusAccepted,
		"application/json; charset=utf-8":   http.StatusAccepted,
		"application/x-www-form-urlencoded": http.StatusUnsupportedMediaType,
		"text/plain":                        http.StatusUnsupportedMediaType,
	} {
		t.Run(mediaType, func(t *testing.T) {
			a := s.postAs(mediaType, "/api/problems/", token, watermelon)
			if a.StatusCode != status {
				t.Fatalf("got %d: %s", a.StatusCode, a.body)
			}
			if says := strings.Contains(string(a.body), "Content-Type: application/json"); says != (status != http.StatusAccepted) {
				t.Errorf("it says %s", a.body)
			}
		})
	}
}

// postAs sends a body with its media type, as curl --json does.
func (s *site) postAs(mediaType, path, token, body string) *answer {
	s.t.Helper()
	s.start()
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + token, "Accept": "application/json", "Content-Type": mediaType} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	return s.send(request)
}

// shownCommand is a command of curl that sends a body.
var shownCommand = regexp.MustCompile(`curl [^\n]*(\\\n)?[^\n]* (-d|--data|--json) '([^']*)' \S*?(/api/\S*)`)

func TestTheCommandsThatAreShownWork(t *testing.T) {
	s := newSite(t)
	token := s.editor()
	s.mustExist(s.post(token, watermelon))
	for file, count := range map[string]int{"../../README.md": 1, "../../docs/facade.md": 2, "../demo/demo.go": 1} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		commands := shownCommand.FindAllStringSubmatch(string(text), -1)
		if len(commands) != count {
			t.Errorf("%s shows %d commands, not %d", file, len(commands), count)
		}
		for _, command := range commands {
			mediaType := "application/json"
			if command[2] != "--json" {
				mediaType = "application/x-www-form-urlencoded"
			}
			a := s.postAs(mediaType, strings.Trim(command[4], "`,"), token, command[3])
			if a.StatusCode != http.StatusAccepted {
				t.Errorf("%s: %s\ngets %d: %s", file, command[0], a.StatusCode, a.body)
			}
		}
	}
}

func TestABodyMayHaveTheWholeLengthThatIsAllowed(t *testing.T) {
	s := newSite(t)
	s.mustExist(s.post(s.editor(), watermelon+strings.Repeat(" ", 64<<10-len(watermelon))))
}

func TestAStreamLargerThanAllowedIsRefused(t *testing.T) {
	s := newSite(t)
	request := s.request(io.MultiReader(strings.NewReader(watermelon), strings.NewReader(strings.Repeat(" ", 64<<10))))
	request.Header.Set("Authorization", "Bearer garbage")
	s.send(request).mustFail(t, http.StatusRequestEntityTooLarge, "")
}

func TestABodyThatDoesNotArriveEndsTheRequest(t *testing.T) {
	s := newSite(t)
	body, never := io.Pipe()
	t.Cleanup(func() { _ = never.Close() })
	request := s.request(body)
	request.Header.Set("Authorization", "Bearer garbage")
	s.send(request).mustFail(t, http.StatusRequestTimeout, "")
}

func TestAClusterThatIsAwayIsUnavailable(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for name, c := range map[string]struct {
		address string
		answer  http.HandlerFunc
	}{
		"it refuses connections": {address: closed.URL},
		"it hangs":               {address: hanging(t)},
		"it answers 500":         {answer: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "etcd", http.StatusInternalServerError) }},
		"it answers 503":         {answer: func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "etcd", http.StatusServiceUnavailable) }},
		"it is another server":   {answer: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }},
	} {
		t.Run(name, func(t *testing.T) {
			if c.answer != nil {
				server := httptest.NewServer(c.answer)
				t.Cleanup(server.Close)
				c.address = server.URL
			}
			s := awaySite(t, func(o *facade.Options) { o.Cluster, o.Timeout = &rest.Config{Host: c.address}, time.Second })
			s.post("token", watermelon).mustBeUnavailable(t)
		})
	}
}

func TestANamespaceThatIsNotThereIsUnavailable(t *testing.T) {
	s := newSite(t, func(o *facade.Options) { o.Namespace = "gone" })
	token := s.editor()
	everywhere := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: s.namespace},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "problem-editor"},
		Subjects:   []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: s.namespace, Name: "editor"}},
	}
	s.create(everywhere)
	t.Cleanup(func() { _ = s.client.Delete(context.Background(), everywhere) })
	s.post(token, watermelon).mustBeUnavailable(t)
}

func TestOneRegistrationIsOneRequestToTheCluster(t *testing.T) {
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			// The facade's own watches.
			http.Error(w, "not now", http.StatusServiceUnavailable)
			return
		}
		requests = append(requests, r.Method+" "+r.URL.Path+" "+r.Header.Get("Authorization"))
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		_, _ = io.Copy(w, r.Body)
	}))
	t.Cleanup(server.Close)
	s := awaySite(t, func(o *facade.Options) { o.Cluster = &rest.Config{Host: server.URL, BearerToken: "its own"} })
	s.post("the caller's", watermelon)
	want := []string{"POST /apis/algoitny.dev/v1alpha1/namespaces/" + s.namespace + "/problems Bearer the caller's"}
	if diff := cmp.Diff(want, requests); diff != "" {
		t.Error(diff)
	}
}

func TestTokensAreNeverLogged(t *testing.T) {
	s := newSite(t)
	const planted = "planted-token-7c1f"
	editor := s.editor()
	for _, token := range []string{planted, editor, s.account("stranger")} {
		s.post(token, watermelon)
		s.call(http.MethodPut, "/api/problems/", token, "")
		s.call(http.MethodGet, "/api/problems/none/none/", token, "")
		for _, address := range []string{"http://127.0.0.1:1", hanging(t)} {
			away := awaySite(t, func(o *facade.Options) { o.Cluster, o.Timeout = &rest.Config{Host: address}, 100*time.Millisecond })
			away.post(token, watermelon).mustBeUnavailable(t)
		}
		if strings.Contains(logs.String(), token) {
			t.Error("a token was logged")
		}
	}
	if !strings.Contains(logs.String(), "a request failed") {
		t.Error("the failures were not logged at all")
	}
}

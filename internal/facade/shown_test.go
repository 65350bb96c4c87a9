package facade_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// filled is a site whose table has the problem with all that belongs to it.
func filled(t *testing.T, changes ...func(*facade.Options)) *site {
	t.Helper()
	s := newSite(t, changes...)
	s.put(sum.Platform, sum.ID)
	s.putSuite("team.sums")
	s.putTried()
	return s
}

func TestATestThatIsNoSampleKeepsItsTextsToItself(t *testing.T) {
	for _, shown := range []bool{false, true} {
		s := filled(t, func(o *facade.Options) { o.ShowTests = shown })
		suite := view.Suite{}
		a := s.get("/api/problems/codeforces/4A/suites/team.sums/")
		a.into(t, &suite)
		if len(suite.Tests) != 2 || suite.Tests[0].Input != "1 2\n" || suite.Tests[0].Answer != "3\n" {
			t.Fatalf("got %+v", suite.Tests)
		}
		if got := suite.Tests[1]; (got.Input == hiddenInput) != shown || (got.Answer != "") != shown || got.Kills != 3 || got.InputSize != int64(len(hiddenInput)) {
			t.Errorf("shown %t: %+v", shown, got)
		}
		if strings.Contains(string(a.body), strings.TrimSpace(hiddenInput)) != shown {
			t.Errorf("shown %t: %s", shown, a.body)
		}
	}
}

func TestASuiteTellsWhatItIsWorth(t *testing.T) {
	s := filled(t)
	suite := view.Suite{}
	s.get("/api/problems/codeforces/4A/suites/team.sums").into(t, &suite)
	want := &view.Mutants{Made: 5, Killed: 3, Equivalent: 1, Survived: 1, Score: 0.75, Survivors: []string{"solution-1, line 2: + became -"}}
	if diff := cmp.Diff(want, suite.Mutants); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(&view.Matrix{Tests: []string{"sample 1", "large 1"}, Mutants: []string{"a", "b", "c"}, Kills: [][]int{{0}, {0, 1, 2}}}, suite.Matrix); diff != "" {
		t.Error(diff)
	}
	if suite.Checker != "tokens" || suite.TimeMS != 1000 || suite.Stale || len(suite.Solutions) != 1 || suite.Solutions[0].TimeMS != 3 || len(suite.LeftOut) != 1 {
		t.Errorf("got %+v", suite)
	}
	list := view.SuiteList{}
	s.get("/api/problems/codeforces/4A/suites").into(t, &list)
	if len(list.Results) != 1 || list.Results[0].Tests != nil || list.Results[0].Kinds["large"] != 1 {
		t.Errorf("the list has %+v", list.Results)
	}
	s.get("/api/problems/codeforces/4A/suites/none").mustFail(t, http.StatusNotFound, "")
	s.get("/api/problems/codeforces/none/suites").mustFail(t, http.StatusNotFound, "")
}

func TestASolutionShowsEveryAttemptWithItsProgram(t *testing.T) {
	s := filled(t)
	solution := view.Solution{}
	s.get("/api/problems/codeforces/4A/solutions/python/team.ann/").into(t, &solution)
	half := &view.Money{Amount: "0.002", Currency: "USD"}
	want := []view.Attempt{{Number: 1, Verdict: problem.WrongAnswer, Code: "print(2)", Cost: half}, {Number: 2, Verdict: problem.Accepted, Code: "print(3)", Cost: half}}
	if diff := cmp.Diff(want, solution.Tried); diff != "" {
		t.Error(diff)
	}
	if p := solution.Provenance; p == nil || p.Cost.Amount != "0.004" || len(p.Calls) != 2 || p.Model != "gpt" {
		t.Errorf("got %+v", p)
	}
	for _, path := range []string{"solutions/cpp/team.ann", "solutions/python/none"} {
		s.get("/api/problems/codeforces/4A/"+path).mustFail(t, http.StatusNotFound, "")
	}
}

func TestSpendingIsCountedByDayAndProvider(t *testing.T) {
	s := filled(t)
	spending := view.Spending{}
	s.get("/api/spending").into(t, &spending)
	want := view.Spending{
		Month: month, Totals: []view.Money{{Amount: "0.004", Currency: "USD"}},
		Days: []view.DaySpending{{Day: time.Now().UTC().Format(time.DateOnly), Provider: "team/openai", Calls: 2, Tokens: 240, Money: view.Money{Amount: "0.004", Currency: "USD"}}},
	}
	if diff := cmp.Diff(want, spending); diff != "" {
		t.Error(diff)
	}
	s.get("/api/spending?month=2001-01").into(t, &spending)
	if len(spending.Days) != 0 {
		t.Errorf("got %+v", spending)
	}
	for _, month := range []string{"2026-13", "2026", "yesterday"} {
		s.get("/api/spending?month="+month).mustFail(t, http.StatusBadRequest, "month")
	}
}

func TestAProvidersHealthHasNoAddressAndNoKey(t *testing.T) {
	s := newSite(t)
	provider := &v1alpha1.ModelProvider{
		ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: "openai"},
		Spec: v1alpha1.ModelProviderSpec{
			Type: v1alpha1.ProviderOpenAI, Model: "gpt", Endpoint: "https://gateway.internal.example/v1",
			CredentialsSecretRef: v1alpha1.SecretKeyReference{Name: "the-secret", Key: "the-key"},
			Pricing:              v1alpha1.Pricing{Currency: "USD", InputPerMillionTokens: "1", OutputPerMillionTokens: "2"},
		},
	}
	s.create(provider)
	s.say(provider, metav1.ConditionTrue, "Succeeded", "the model answers", func() {
		provider.Status.Usage = v1alpha1.MonthlyUsage{Month: month, Requests: ptr.To[int64](7), Tokens: ptr.To[int64](70), Spent: "1.5", Remaining: "8.5"}
	})
	s.await("it is listed", func() bool { return strings.Contains(string(s.get("/api/providers").body), "the model answers") })
	a := s.get("/api/providers")
	list := view.ProviderList{}
	a.into(t, &list)
	if len(list.Results) != 1 {
		t.Fatalf("got %+v", list)
	}
	if p := list.Results[0]; p.Requests != 7 || p.Spent.Amount != "1.5" || p.Left.Amount != "8.5" || p.Live.State != view.Ready || p.Model != "gpt" {
		t.Errorf("got %+v", p)
	}
	for _, secret := range []string{"gateway", "the-secret", "the-key"} {
		if strings.Contains(string(a.body), secret) {
			t.Errorf("%s is shown: %s", secret, a.body)
		}
	}
}

func TestStatisticsCountEverything(t *testing.T) {
	s := filled(t)
	s.ready(s.declare("1068"), "Weird Algorithm")
	s.declare("1069")
	s.judged(s.submitted("a"), "AC", 3)
	s.submitted("b")
	want := view.Statistics{
		Problems: 3, Published: 1, States: map[string]int{"ready": 1, "working": 1, "retained": 1}, Platforms: map[string]int{"cses": 2, "codeforces": 1},
		Languages: map[string]int{"python": 1}, Suites: map[string]int{}, Solutions: map[string]int{}, Submissions: map[string]int{"AC": 1, "waiting": 1},
		Cost: []view.Money{{Amount: "0.25", Currency: "USD"}},
	}
	got := view.Statistics{}
	s.await("all is counted", func() bool {
		got = view.Statistics{}
		s.get("/api/statistics").into(t, &got)
		return cmp.Equal(want, got) || got.Problems == 3 && got.Submissions["AC"] == 1
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSubmissionsAreShownToWhoMayReadThem(t *testing.T) {
	s := newSite(t)
	s.ready(s.declare("1068"), "Weird Algorithm")
	for i := range 5 {
		s.judged(s.submitted(fmt.Sprint("mine-", i)), []string{"AC", "WA"}[i%2], 1)
	}
	viewer, stranger := s.viewer(), s.account("stranger")
	for _, path := range []string{"/api/submissions", "/api/submissions/" + s.namespace + "/mine-1", "/api/submissions/" + s.namespace + "/none"} {
		s.get(path).mustFail(t, http.StatusUnauthorized, "")
		s.call(http.MethodGet, path, stranger, "").mustFail(t, http.StatusForbidden, "")
	}
	s.call(http.MethodGet, "/api/submissions?namespace=kube-system", viewer, "").mustFail(t, http.StatusForbidden, "")
	s.call(http.MethodGet, "/api/submissions/"+s.namespace+"/none", viewer, "").mustFail(t, http.StatusNotFound, "")
	s.await("all are listed", func() bool {
		return len(s.submissions(viewer, "verdict=WA")) == 2 && len(s.submissions(viewer, "verdict=AC")) == 3
	})
	if got := s.submissions(viewer, "platform=cses&problem_id=1068&language=python"); len(got) != 5 {
		t.Errorf("the problem has %v", got)
	}
	if got := s.submissions(viewer, "problem_id=1069"); len(got) != 0 {
		t.Errorf("another problem has %v", got)
	}
	all := s.submissions(viewer, "limit=2")
	slices.Sort(all)
	if want := []string{"mine-0", "mine-1", "mine-2", "mine-3", "mine-4"}; !slices.Equal(all, want) {
		t.Errorf("pages of 2 list %v", all)
	}
	a := s.call(http.MethodGet, "/api/submissions/"+s.namespace+"/mine-1/", viewer, "")
	got := view.Submission{}
	a.into(t, &got)
	if got.Verdict != "WA" || got.Platform != "cses" || got.Live.Name != "mine-1" || strings.Contains(string(a.body), secretCode) {
		t.Errorf("got %s", a.body)
	}
	if got := a.Header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("it may be kept: %q", got)
	}
}

// submissions are the names on all pages.
func (s *site) submissions(token, query string) []string {
	s.t.Helper()
	names := []string{}
	for cursor := ""; ; {
		page := view.SubmissionPage{}
		s.call(http.MethodGet, "/api/submissions?"+query+"&cursor="+cursor, token, "").into(s.t, &page)
		for _, each := range page.Results {
			names = append(names, each.Live.Name)
		}
		if cursor = page.Next; cursor == "" {
			return names
		}
	}
}

func TestAPackageIsForWhoMayReadTheSuite(t *testing.T) {
	s := filled(t)
	const path = "/api/problems/codeforces/4A/package"
	s.get(path).mustFail(t, http.StatusUnauthorized, "")
	s.call(http.MethodGet, path, s.account("stranger"), "").mustFail(t, http.StatusForbidden, "")
	viewer := s.viewer()
	for _, format := range []string{"icpc", "icpc-legacy", "polygon"} {
		a := s.call(http.MethodGet, path+"?format="+format, viewer, "")
		if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/zip" || !strings.Contains(a.Header.Get("Content-Disposition"), "codeforces-4A.zip") {
			t.Fatalf("%s: %d %v", format, a.StatusCode, a.Header)
		}
		if !holds(t, a.body, hiddenInput) {
			t.Errorf("%s: the test is not in it", format)
		}
	}
	s.call(http.MethodGet, path+"?format=tar", viewer, "").mustFail(t, http.StatusBadRequest, "format")
	s.call(http.MethodGet, path+"?suite=none", viewer, "").mustFail(t, http.StatusNotFound, "")
	s.call(http.MethodGet, "/api/problems/codeforces/none/package", viewer, "").mustFail(t, http.StatusNotFound, "")
}

func holds(t *testing.T, raw []byte, text string) bool {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		var content bytes.Buffer
		if _, err := content.ReadFrom(r); err != nil {
			t.Fatal(err)
		}
		if content.String() == text {
			return true
		}
	}
	return false
}

func TestAPackageThatNeedsProgramsRunIsRefused(t *testing.T) {
	s := newSite(t, func(o *facade.Options) { o.ShowTests = true })
	s.put(sum.Platform, sum.ID)
	s.get("/api/problems/codeforces/4A/package").mustFail(t, http.StatusConflict, "")
	made := problem.TextData(strings.Repeat("1 ", 1<<20))
	made.Text, made.Recipe = "", &problem.Recipe{Program: "validator"}
	s.putSuite("team.big", problem.Test{Name: "large 1", Kind: problem.TestLarge, Input: made, Answer: problem.TextData("1\n")})
	a := s.get("/api/problems/codeforces/4A/package")
	if a.mustFail(t, http.StatusConflict, ""); !strings.Contains(string(a.body), "algoitny export") {
		t.Errorf("got %s", a.body)
	}
	s.putSuite("team.sums")
	s.get("/api/problems/codeforces/4A/package").mustFail(t, http.StatusBadRequest, "suite")
	if a := s.get("/api/problems/codeforces/4A/package?suite=team.sums"); a.StatusCode != http.StatusOK {
		t.Errorf("got %d: %s", a.StatusCode, a.body)
	}
}

// TestAChangeShowsWithinASecondOnEveryReplica changes a problem's state again
// and again, and asks both replicas until they show it.
func TestAChangeShowsOnEveryReplica(t *testing.T) {
	s := newSite(t)
	s.options.Reload = time.Hour
	s.start()
	replica := &site{t: t, namespace: s.namespace, table: s.table, client: s.client, options: s.options, registry: newRegistry()}
	replica.options.Registry = replica.registry
	replica.start()
	object := s.declare("1068")
	for i, want := range []metav1.ConditionStatus{metav1.ConditionTrue, metav1.ConditionFalse, metav1.ConditionTrue} {
		s.say(object, want, "Because", fmt.Sprint("step ", i), nil)
		for _, at := range []*site{s, replica} {
			at.await("the change shows", func() bool {
				list, one := at.get("/api/problems/"), at.get("/api/problems/cses/1068/")
				return strings.Contains(string(list.body), fmt.Sprint("step ", i)) && strings.Contains(string(one.body), fmt.Sprint("step ", i))
			})
		}
	}
}

func TestACursorOfOneReplicaIsGoodOnAnother(t *testing.T) {
	s := newSite(t)
	for i := range 5 {
		s.put("codeforces", fmt.Sprint(i))
	}
	s.start()
	replica := &site{t: t, namespace: s.namespace, table: s.table, client: s.client, options: s.options, registry: newRegistry()}
	replica.options.Registry = replica.registry
	_, next := s.page("limit=2&sort=-title")
	ids, _ := replica.page("limit=2&sort=-title&cursor=" + next)
	if !slices.Equal(ids, []string{"2", "1"}) {
		t.Errorf("got %v", ids)
	}
	replica.get("/api/problems/?limit=2&sort=title&cursor="+next).mustFail(t, http.StatusBadRequest, "cursor")
	replica.get("/api/problems/?limit=2&sort=-title&tag=math&cursor="+next).mustFail(t, http.StatusBadRequest, "cursor")
}

func TestAnAnswerThatHasNotChangedIsNotSentAgain(t *testing.T) {
	s := filled(t)
	first := s.get("/api/problems/codeforces/4A/")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/api/problems/codeforces/4A/", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("If-None-Match", first.Header.Get("ETag"))
	if again := s.send(request); again.StatusCode != http.StatusNotModified || len(again.body) != 0 {
		t.Errorf("got %d: %s", again.StatusCode, again.body)
	}
}

func TestTheFacadeSaysHowItIs(t *testing.T) {
	s := newSite(t)
	s.start()
	if got := string(s.get("/api/health/").body); got != `{"status":"ok"}`+"\n" {
		t.Errorf("got %s", got)
	}
	away := awaySite(t, func(o *facade.Options) { o.Cluster = &rest.Config{Host: "http://127.0.0.1:1"} })
	away.start()
	away.await("the table is listed", func() bool { return away.get("/api/problems/").StatusCode == http.StatusOK })
	if got := string(away.get("/api/health/").body); !strings.Contains(got, `"degraded"`) || !strings.Contains(got, "the cluster is not followed") {
		t.Errorf("without a cluster: %s", got)
	}
}

func TestMetricsTellOfRequestsCacheAndStreams(t *testing.T) {
	s := newSite(t)
	s.listen("/api/events", "").must(begins)
	for range 3 {
		s.get("/api/problems/")
	}
	s.get("/api/nowhere")
	f, err := facade.New(facade.Options{Table: s.table, Cluster: s.options.Cluster})
	if err != nil {
		t.Fatal(err)
	}
	recorder := httptest.NewRecorder()
	f.Operations(s.registry).ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for _, want := range []string{
		"algoitny_facade_streams 1", `algoitny_facade_cache_total{result="hit"} `, "algoitny_facade_problems 0", "algoitny_facade_followed 1",
		`algoitny_facade_request_latency_seconds{quantile="0.99"}`, `route="GET /api/problems"`,
	} {
		if !strings.Contains(recorder.Body.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
}

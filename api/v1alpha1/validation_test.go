package v1alpha1_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/controlplane"
	"github.com/algoitny/algoitny-operator/internal/controlplane/controlplanetest"
)

// How the API server words what breaks each keyword of a schema.
const (
	required      = "Required value"
	tooShort      = "should be at least 1 chars long"
	tooLong       = "Too long"
	notMatching   = "should match"
	unsupported   = "Unsupported value"
	tooSmall      = "should be greater than or equal to"
	tooBig        = "should be less than or equal to"
	tooMany       = "Too many"
	tooFew        = "should have at least 1"
	duplicate     = "Duplicate value"
	notURL        = "must be an http or https URL, for example https://"
	oneSource     = "source needs exactly one of url, inline and pageConfigMapRef"
	shortTimeout  = "timeout must be between 1s and 30m"
	shortLimit    = "timeLimit must be between 100ms and 5m"
	longName      = "name must be at most 180 characters: SolutionJobs and stored solutions are named after it"
	longJobName   = "name must be at most 190 characters: the stored solution is named after it"
	fixedType     = "type is immutable: create another ModelProvider"
	fixedProblem  = "problemRef is immutable: create another SolutionJob"
	fixedLanguage = "language is immutable: create another SolutionJob"
	fixedSuite    = "problemRef is immutable: create another TestSuite"
	longSuiteName = "name must be at most 190 characters: the stored suite is named after it"
	oneSuite      = "suiteRef names a TestSuite that is there already; leave the other fields of testSuite out"
	oneProgram    = "source needs exactly one of inline and configMapRef"
	tooManyBytes  = "inline must be at most 65536 bytes"
	negativeTTL   = "ttlAfterFinished must be a time like 24h or 30m that is not negative"
	fixedTask     = "problemRef is immutable: create another Submission"
	fixedTongue   = "language is immutable: create another Submission"
	fixedSource   = "source is immutable: create another Submission"
	fixedPeriod   = "period is immutable: create another Budget"
	fixedCurrency = "currency is immutable: create another Budget"
	fixedStop     = "stopAtFirst is immutable: create another Submission"
)

// wrong is a change of one of the smallest manifests that is refused: the
// field, its value, and what the API server says of that field.
type wrong struct {
	manifest string //nolint:kubeapilinter // this is no part of the API
	path     string //nolint:kubeapilinter // this is no part of the API
	value    any    //nolint:kubeapilinter // this is no part of the API
	want     string //nolint:kubeapilinter // this is no part of the API
}

func x(n int) string { return strings.Repeat("x", n) }

func n(value int) int64 { return int64(value) }

func address(length int) string {
	const start = "https://judge.example/"
	return start + x(length-len(start))
}

func repeated(count int, element any) []any {
	list := make([]any, count)
	for i := range list {
		list[i] = element
	}
	return list
}

func tags(count int) []any {
	list := []any{}
	for i := range count {
		list = append(list, fmt.Sprint("tag ", i))
	}
	return list
}

func templates(languages ...string) []any {
	list := []any{}
	for _, language := range languages {
		list = append(list, map[string]any{"language": language})
	}
	return list
}

var (
	inline = map[string]any{"id": "a", "title": "A", "description": "A", "samples": repeated(1, map[string]any{"output": "1"})}
	page   = map[string]any{"name": "a", "url": address(30)}
)

// refusals are all values that the API server must refuse.
var refusals = slices.Concat([]wrong{
	{"ModelProvider", "spec", gone, required},
	{"ModelProvider", "spec.type", gone, required},
	{"ModelProvider", "spec.type", "Anthropic", unsupported},
	{"ModelProvider", "spec.type", "openai", unsupported},
	{"ModelProvider", "spec.model", gone, required},
	{"ModelProvider", "spec.model", "", tooShort},
	{"ModelProvider", "spec.model", x(129), tooLong},
	{"ModelProvider", "spec.endpoint", "", tooShort},
	{"ModelProvider", "spec.endpoint", address(2049), tooLong},
	{"ModelProvider", "spec.endpoint", "gateway.example.com/v1", notURL},
	{"ModelProvider", "spec.endpoint", "ftp://gateway.example.com", notURL},
	{"ModelProvider", "spec.endpoint", "https://%zz", notURL},
	{"ModelProvider", "spec.credentialsSecretRef", gone, required},
	{"ModelProvider", "spec.limits", map[string]any{}, tooFew},
	{"ModelProvider", "spec.limits.requestsPerMinute", n(0), tooSmall},
	{"ModelProvider", "spec.limits.tokensPerMinute", n(-1), tooSmall},
	{"ModelProvider", "spec.limits.concurrent", n(0), tooSmall},
	{"ModelProvider", "spec.limits.concurrent", n(1001), tooBig},
	{"ModelProvider", "spec.timeout", "999ms", shortTimeout},
	{"ModelProvider", "spec.timeout", "30m1s", shortTimeout},
	{"ModelProvider", "spec.timeout", "-5m", shortTimeout},
	{"ModelProvider", "spec.timeout", "soon", shortTimeout},
	{"ModelProvider", "spec.timeout", "0000000000000002m", tooLong},
	{"ModelProvider", "spec.pricing", gone, required},
	{"ModelProvider", "spec.pricing.currency", "", tooShort},
	{"ModelProvider", "spec.pricing.currency", "usd", notMatching},
	{"ModelProvider", "spec.pricing.currency", "EURO", tooLong},
	{"ModelProvider", "spec.pricing.inputPerMillionTokens", gone, required},
	{"ModelProvider", "spec.pricing.outputPerMillionTokens", gone, required},
	{"ModelProvider", "spec.budget.monthly", gone, required},
	{"ModelProvider", "spec.api", "Responses", unsupported},
	{"ModelProvider", "spec.answers", "Everybody", unsupported},
	{"ModelProvider", "spec.pricing.batchPercent", n(0), tooSmall},
	{"ModelProvider", "spec.pricing.batchPercent", n(101), tooBig},
	{"ModelProvider", "spec.pricing.version", "", tooShort},
	{"ModelProvider", "spec.pricing.version", x(65), tooLong},
	{"Budget", "spec", gone, required},
	{"Budget", "spec.amount", gone, required},
	{"Budget", "spec.currency", "", tooShort},
	{"Budget", "spec.currency", "usd", notMatching},
	{"Budget", "spec.currency", "EURO", tooLong},
	{"Budget", "spec.period", "Week", unsupported},
	{"Budget", "spec.problemSelector", map[string]any{"matchExpressions": []any{map[string]any{"operator": "Exists"}}}, required},
	{"Budget", "spec.problemSelector.matchExpressions[0].key", gone, required},
	{"Budget", "spec.problemSelector.matchExpressions[0].operator", gone, required},
	{"Problem", "spec.budget", map[string]any{}, required},
	{"Problem", "spec.budget.amount", gone, required},
	{"Problem", "spec.budget.currency", "", tooShort},
	{"Problem", "spec.budget.currency", "usd", notMatching},
	{"Problem", "spec.budget.currency", "EURO", tooLong},
	{"Problem", "spec", gone, required},
	{"Problem", "spec.source", gone, required},
	{"Problem", "spec.source", map[string]any{}, tooFew},
	{"Problem", "spec.source", map[string]any{"url": address(30), "inline": inline}, oneSource},
	{"Problem", "spec.source", map[string]any{"url": address(30), "pageConfigMapRef": page}, oneSource},
	{"Problem", "spec.source", map[string]any{"inline": inline, "pageConfigMapRef": page}, oneSource},
	{"Problem", "spec.source", map[string]any{"url": address(30), "inline": inline, "pageConfigMapRef": page}, oneSource},
	{"Problem", "spec.source.url", "", tooShort},
	{"Problem", "spec.source.url", address(2049), tooLong},
	{"Problem", "spec.source.url", "codeforces.com/problemset/problem/4/A", notURL},
	{"Problem", "spec.source.url", "file:///etc/passwd", notURL},
	{"Problem", "spec.source.url", "/problemset/problem/4/A", notURL},
	{"Problem", "spec.difficultyRating", n(-1), tooSmall},
	{"Problem", "spec.difficultyRating", n(5001), tooBig},
	{"Problem", "spec.solutions", templates("go", "go"), duplicate},
	{"Problem", "spec.solutions", templates("go", "cpp", "python", "go", "cpp", "python", "go", "cpp", "python"), tooMany},
	{"Problem", "spec.solutions[0].language", gone, required},
	{"Problem", "spec.solutions[0].language", "cobol", unsupported},
	{"Problem", "spec.testSuite", map[string]any{"suiteRef": someName, "mutants": n(0)}, oneSuite},
	{"Problem", "spec.testSuite", map[string]any{"suiteRef": someName, "rounds": n(0)}, oneSuite},
	{"Problem", "spec.testSuite", map[string]any{"suiteRef": someName, "maxAttempts": n(1)}, oneSuite},
	{"Problem", "spec.testSuite", map[string]any{"suiteRef": someName, "providerRef": someName}, oneSuite},
	{"Problem", "spec.deletionPolicy", "Keep", unsupported},
	{"Problem", "metadata.name", x(181), longName},
	{"page", "spec.source.pageConfigMapRef.url", gone, required},
	{"page", "spec.source.pageConfigMapRef.url", "", tooShort},
	{"page", "spec.source.pageConfigMapRef.url", address(2049), tooLong},
	{"page", "spec.source.pageConfigMapRef.url", "file:///page.html", notURL},
	{"inline", "spec.source.inline.platform", "", tooShort},
	{"inline", "spec.source.inline.platform", "Inline", notMatching},
	{"inline", "spec.source.inline.platform", "-inline", notMatching},
	{"inline", "spec.source.inline.platform", x(64), tooLong},
	{"inline", "spec.source.inline.id", gone, required},
	{"inline", "spec.source.inline.id", "", tooShort},
	{"inline", "spec.source.inline.id", "a/b", notMatching},
	{"inline", "spec.source.inline.id", "a#b", notMatching},
	{"inline", "spec.source.inline.id", ".a", notMatching},
	{"inline", "spec.source.inline.id", x(129), tooLong},
	{"inline", "spec.source.inline.title", gone, required},
	{"inline", "spec.source.inline.title", "", tooShort},
	{"inline", "spec.source.inline.title", x(257), tooLong},
	{"inline", "spec.source.inline.description", gone, required},
	{"inline", "spec.source.inline.timeLimit", "99ms", shortLimit},
	{"inline", "spec.source.inline.timeLimit", "5m1s", shortLimit},
	{"inline", "spec.source.inline.timeLimit", "0000000000000002m", tooLong},
	{"inline", "spec.source.inline.memoryLimitMiB", n(15), tooSmall},
	{"inline", "spec.source.inline.memoryLimitMiB", n(16385), tooBig},
	{"inline", "spec.source.inline.samples", gone, required},
	{"inline", "spec.source.inline.samples", []any{}, tooFew},
	{"inline", "spec.source.inline.samples", repeated(129, map[string]any{"output": "1"}), tooMany},
	{"inline", "spec.source.inline.samples[0].input", x(65537), tooLong},
	{"inline", "spec.source.inline.samples[0].output", gone, required},
	{"inline", "spec.source.inline.samples[0].output", "", tooShort},
	{"inline", "spec.source.inline.samples[0].output", x(65537), tooLong},
	{"inline", "spec.source.inline.tags", []any{"dp", "dp"}, duplicate},
	{"inline", "spec.source.inline.tags", tags(33), tooMany},
	{"inline", "spec.source.inline.tags[0]", x(65), tooLong},
	{"TestSuite", "spec", gone, required},
	{"TestSuite", "spec.problemRef", gone, required},
	{"TestSuite", "spec.deletionPolicy", "Keep", unsupported},
	{"TestSuite", "metadata.name", x(191), longSuiteName},
	{"imported", "spec.imported.digest", gone, required},
	{"imported", "spec.imported.digest", x(63), "should be at least 64 chars long"},
	{"imported", "spec.imported.digest", x(65), tooLong},
	{"imported", "spec.imported.digest", strings.Repeat("A", 64), notMatching},
	{"SolutionJob", "spec", gone, required},
	{"SolutionJob", "spec.problemRef", gone, required},
	{"SolutionJob", "spec.language", gone, required},
	{"SolutionJob", "spec.language", "cobol", unsupported},
	{"SolutionJob", "spec.deletionPolicy", "Keep", unsupported},
	{"SolutionJob", "metadata.name", x(191), longJobName},
	{"Submission", "spec", gone, required},
	{"Submission", "spec.problemRef", gone, required},
	{"Submission", "spec.language", gone, required},
	{"Submission", "spec.language", "cobol", unsupported},
	{"Submission", "spec.source", gone, required},
	{"Submission", "spec.source", map[string]any{}, tooFew},
	{"Submission", "spec.source", map[string]any{"inline": "x", "configMapRef": map[string]any{"name": "a"}}, oneProgram},
	{"Submission", "spec.source.inline", "", tooShort},
	{"Submission", "spec.source.inline", x(65537), tooLong},
	{"Submission", "spec.source.inline", strings.Repeat("é", 32769), tooManyBytes},
	{"Submission", "spec.ttlAfterFinished", "-1s", negativeTTL},
	{"Submission", "spec.ttlAfterFinished", "1d", negativeTTL},
	{"Submission", "spec.ttlAfterFinished", "0000000000000002m", tooLong},
},
	references("ModelProvider", "spec.credentialsSecretRef", "name"),
	references("ModelProvider", "spec.credentialsSecretRef", "key"),
	references("page", "spec.source.pageConfigMapRef", "name"),
	references("page", "spec.source.pageConfigMapRef", "key"),
	references("Problem", "spec.providerRef", "name"),
	references("Problem", "spec.solutions[0].providerRef", "name"),
	references("Problem", "spec.testSuite.suiteRef", "name"),
	references("Problem", "spec.testSuite.providerRef", "name"),
	references("TestSuite", "spec.problemRef", "name"),
	references("TestSuite", "spec.providerRef", "name"),
	references("SolutionJob", "spec.problemRef", "name"),
	references("SolutionJob", "spec.providerRef", "name"),
	references("Submission", "spec.problemRef", "name"),
	references("saved", "spec.source.configMapRef", "name"),
	references("saved", "spec.source.configMapRef", "key"),
	amounts("ModelProvider", "spec.pricing.inputPerMillionTokens"), amounts("ModelProvider", "spec.pricing.cachedInputPerMillionTokens"),
	amounts("ModelProvider", "spec.pricing.outputPerMillionTokens"), amounts("ModelProvider", "spec.budget.monthly"),
	amounts("Budget", "spec.amount"), amounts("Problem", "spec.budget.amount"),
	terms("Problem"), terms("TestSuite"), terms("SolutionJob"),
	attempts("Problem", "spec.solutions[0].maxAttempts"), attempts("SolutionJob", "spec.maxAttempts"),
	between("spec.maxAttempts", 1, 6), between("spec.rounds", 0, 5), between("spec.mutants", 0, 200),
	prose("description"), prose("input"), prose("output"), prose("constraints"),
)

// references are wrong names of other objects. The key has a default, so only
// the name can be missing.
func references(manifest, path, field string) []wrong {
	all := []wrong{{manifest, path + "." + field, "", tooShort}, {manifest, path + "." + field, x(254), tooLong}}
	if field == "name" {
		all = append(all, wrong{manifest, path + ".name", gone, required})
	}
	return all
}

func amounts(manifest, path string) []wrong {
	return []wrong{
		{manifest, path, "", tooShort}, {manifest, path, "-1", notMatching}, {manifest, path, "1e3", notMatching},
		{manifest, path, "1,5", notMatching}, {manifest, path, ".5", notMatching}, {manifest, path, "1.", notMatching},
		{manifest, path, "0.0000000001", notMatching}, {manifest, path, "123456789.1234567890", tooLong},
	}
}

// terms are the wrong ways to have a model asked.
func terms(manifest string) []wrong {
	return []wrong{
		{manifest, "spec.delivery", "Later", unsupported}, {manifest, "spec.deadline", "tomorrow", "must be of type date-time"},
		{manifest, "spec.refresh", "", tooShort}, {manifest, "spec.refresh", x(65), tooLong},
	}
}

func attempts(manifest, path string) []wrong {
	return []wrong{{manifest, path, n(0), tooSmall}, {manifest, path, n(11), tooBig}}
}

// between are the numbers of a TestSuite, which a Problem's template has too.
func between(path string, least, most int) []wrong {
	template := strings.Replace(path, "spec.", "spec.testSuite.", 1)
	return []wrong{
		{"TestSuite", path, n(least - 1), tooSmall}, {"TestSuite", path, n(most + 1), tooBig},
		{"Problem", template, n(least - 1), tooSmall}, {"Problem", template, n(most + 1), tooBig},
	}
}

var someName = map[string]any{"name": "a"}

func prose(field string) []wrong {
	path := "spec.source.inline." + field
	return []wrong{{"inline", path, "", tooShort}, {"inline", path, x(65537), tooLong}}
}

func TestTheAPIRefuses(t *testing.T) {
	namespace, c := controlplanetest.Namespace(t), controlplanetest.Client(t)
	for _, w := range refusals {
		t.Run(w.String(), func(t *testing.T) {
			object := manifest(t, w.manifest, namespace)
			set(object.Object, w.path, w.value)
			if strings.HasPrefix(w.path, "spec.solutions[0].") && !strings.HasSuffix(w.path, "language") {
				set(object.Object, "spec.solutions[0].language", "go")
			}
			mustRefuse(t, c.Create(t.Context(), object, client.DryRunAll), w.path, w.want)
		})
	}
}

func (w wrong) String() string {
	value := fmt.Sprint(w.value)
	if w.value == gone {
		value = "gone"
	}
	return fmt.Sprintf("%s %s=%s", w.manifest, w.path, value[:min(len(value), 40)])
}

// mustRefuse wants the API server to say this of this field, or of a field in
// it or around it. A rule about the name is one of the whole object.
func mustRefuse(t *testing.T, err error, path, want string) {
	t.Helper()
	status, ok := errors.AsType[*apierrors.StatusError](err)
	if !ok || status.ErrStatus.Reason != metav1.StatusReasonInvalid {
		t.Fatalf("got %v, want it to be invalid", err)
	}
	for _, cause := range status.ErrStatus.Details.Causes {
		if strings.Contains(cause.Message, want) && (about(cause.Field, path) || path == "metadata.name") {
			return
		}
	}
	t.Errorf("got %+v\nwant %s: %s", status.ErrStatus.Details.Causes, path, want)
}

func about(field, path string) bool {
	return strings.HasPrefix(field, path) || strings.HasPrefix(path, field)
}

// accepted are values at the edge of what is refused.
var accepted = []struct {
	manifest, path string
	value          any
}{
	{"ModelProvider", "spec.type", "Gemini"},
	{"ModelProvider", "spec.model", x(128)},
	{"ModelProvider", "spec.endpoint", address(2048)},
	{"ModelProvider", "spec.endpoint", "http://127.0.0.1:8080"},
	{"ModelProvider", "spec.limits", map[string]any{"concurrent": n(1000)}},
	{"ModelProvider", "spec.limits", map[string]any{"requestsPerMinute": n(1), "tokensPerMinute": n(1), "concurrent": n(1)}},
	{"ModelProvider", "spec.timeout", "1s"},
	{"ModelProvider", "spec.timeout", "30m"},
	{"ModelProvider", "spec.pricing.currency", "EUR"},
	{"ModelProvider", "spec.pricing.inputPerMillionTokens", "0"},
	{"ModelProvider", "spec.pricing.cachedInputPerMillionTokens", "123456789.123456789"},
	{"ModelProvider", "spec.budget.monthly", "999999999"},
	{"ModelProvider", "spec.credentialsSecretRef.key", x(253)},
	{"ModelProvider", "metadata.name", x(253)},
	{"ModelProvider", "spec.api", "ChatCompletions"},
	{"ModelProvider", "spec.answers", "Namespace"},
	{"ModelProvider", "spec.pricing.version", x(64)},
	{"Budget", "spec.amount", "0"},
	{"Budget", "spec.period", "Total"},
	{"Budget", "spec.problemSelector", map[string]any{}},
	{"Budget", "spec.problemSelector", map[string]any{"matchLabels": map[string]any{"set": "autumn"}}},
	{"Problem", "spec.budget", map[string]any{"amount": "0.5", "currency": "EUR"}},
	{"Problem", "spec.delivery", "Batch"},
	{"Problem", "spec.deadline", "2026-12-24T18:00:00Z"},
	{"SolutionJob", "spec.refresh", x(64)},
	{"Problem", "spec.source.url", address(2048)},
	{"Problem", "spec.source.url", "http://codeforces.example/9001/a?x=y#z"},
	{"Problem", "spec.difficultyRating", n(0)},
	{"Problem", "spec.difficultyRating", n(5000)},
	{"Problem", "spec.solutions", []any{}},
	{"Problem", "spec.solutions", templates("go", "cpp", "python")},
	{"Problem", "spec.deletionPolicy", "Retain"},
	{"Problem", "metadata.name", x(180)},
	{"Problem", "spec.testSuite", map[string]any{}},
	{"Problem", "spec.testSuite", map[string]any{"suiteRef": someName}},
	{"Problem", "spec.testSuite", map[string]any{"providerRef": someName, "maxAttempts": n(6), "rounds": n(0), "mutants": n(0)}},
	{"Problem", "spec.testSuite", map[string]any{"rounds": n(5), "mutants": n(200)}},
	{"TestSuite", "spec.rounds", n(0)},
	{"TestSuite", "spec.mutants", n(0)},
	{"TestSuite", "spec.maxAttempts", n(6)},
	{"TestSuite", "spec.deletionPolicy", "Retain"},
	{"TestSuite", "metadata.name", x(190)},
	{"page", "spec.source.pageConfigMapRef.key", "4A.html"},
	{"inline", "spec.source.inline.platform", x(63)},
	{"inline", "spec.source.inline.id", "4A_b.c-d"},
	{"inline", "spec.source.inline.id", x(128)},
	{"inline", "spec.source.inline.title", x(256)},
	{"inline", "spec.source.inline.description", x(65536)},
	{"inline", "spec.source.inline.timeLimit", "100ms"},
	{"inline", "spec.source.inline.timeLimit", "5m"},
	{"inline", "spec.source.inline.memoryLimitMiB", n(16)},
	{"inline", "spec.source.inline.memoryLimitMiB", n(16384)},
	{"inline", "spec.source.inline.samples", repeated(128, map[string]any{"input": "", "output": "1"})},
	{"inline", "spec.source.inline.tags", tags(32)},
	{"SolutionJob", "spec.language", "cpp"},
	{"SolutionJob", "spec.maxAttempts", n(1)},
	{"SolutionJob", "spec.maxAttempts", n(10)},
	{"SolutionJob", "spec.deletionPolicy", "Retain"},
	{"SolutionJob", "metadata.name", x(190)},
	{"Submission", "spec.language", "cpp"},
	{"Submission", "spec.source.inline", x(65536)},
	{"Submission", "spec.source.inline", strings.Repeat("é", 32768)},
	{"Submission", "spec.stopAtFirst", true},
	{"Submission", "spec.ttlAfterFinished", "0s"},
	{"Submission", "spec.ttlAfterFinished", "8760h"},
	{"Submission", "metadata.name", x(253)},
	{"saved", "spec.source.configMapRef.key", "main.py"},
}

func TestTheAPITakes(t *testing.T) {
	namespace, c := controlplanetest.Namespace(t), controlplanetest.Client(t)
	for _, a := range accepted {
		t.Run(wrong{a.manifest, a.path, a.value, ""}.String(), func(t *testing.T) {
			object := manifest(t, a.manifest, namespace)
			set(object.Object, a.path, a.value)
			if err := c.Create(t.Context(), object, client.DryRunAll, client.FieldValidation("Strict")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatAnObjectIsForCannotChange(t *testing.T) {
	namespace, c := controlplanetest.Namespace(t), controlplanetest.Client(t)
	for _, w := range []wrong{
		{"ModelProvider", "spec.type", "Gemini", fixedType},
		{"ModelProvider", "spec.model", "gpt-6", ""},
		{"ModelProvider", "spec.pricing.currency", "EUR", ""},
		{"Budget", "spec.amount", "6", ""},
		{"Budget", "spec.period", "Total", fixedPeriod},
		{"Budget", "spec.currency", "EUR", fixedCurrency},
		{"Problem", "spec.source.url", "https://codeforces.com/problemset/problem/4/B", ""},
		{"Problem", "spec.solutions", templates("go"), ""},
		{"Problem", "spec.testSuite", map[string]any{"mutants": n(9)}, ""},
		{"TestSuite", "spec.problemRef.name", "product", fixedSuite},
		{"TestSuite", "spec.mutants", n(9), ""},
		{"imported", "spec.imported.digest", strings.Repeat("b", 64), ""},
		{"SolutionJob", "spec.problemRef.name", "product", fixedProblem},
		{"SolutionJob", "spec.language", "go", fixedLanguage},
		{"SolutionJob", "spec.maxAttempts", n(10), ""},
		{"SolutionJob", "spec.providerRef.name", "other", ""},
		{"Submission", "spec.problemRef.name", "product", fixedTask},
		{"Submission", "spec.language", "go", fixedTongue},
		{"Submission", "spec.source.inline", "print(4)", fixedSource},
		{"Submission", "spec.source", map[string]any{"configMapRef": map[string]any{"name": "a"}}, fixedSource},
		{"Submission", "spec.stopAtFirst", true, fixedStop},
		{"Submission", "spec.ttlAfterFinished", "1h", ""},
		{"saved", "spec.source.configMapRef.key", "other", fixedSource},
	} {
		t.Run(w.String(), func(t *testing.T) {
			object := manifest(t, w.manifest, namespace)
			object.SetName("")
			object.SetGenerateName("fixed-")
			if err := c.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			set(object.Object, w.path, w.value)
			err := c.Update(t.Context(), object)
			if w.want != "" {
				mustRefuse(t, err, w.path, w.want)
			} else if err != nil {
				t.Error(err)
			}
		})
	}
}

func disputes(count int) []any {
	var list []any
	for i := range count {
		list = append(list, map[string]any{"job": "a", "uid": "b", "attempt": n(1), "program": fmt.Sprint(i), "digest": "c"})
	}
	return list
}

func TestAStatusIsBounded(t *testing.T) {
	namespace, c := controlplanetest.Namespace(t), controlplanetest.Client(t)
	conditions := []any{}
	for i := range 17 {
		conditions = append(conditions, map[string]any{
			"type": fmt.Sprint("Type", i), "status": "True", "reason": "Because", "message": "", "lastTransitionTime": "2026-03-01T12:00:00Z",
		})
	}
	for _, w := range []wrong{
		{"ModelProvider", "status.conditions", conditions, tooMany},
		{"ModelProvider", "status.usage.month", "", tooShort},
		{"Problem", "status.conditions", conditions, tooMany},
		{"Problem", "status.conditions", slices.Concat(conditions[:1], conditions[:1]), duplicate},
		{"Problem", "status.leftOut", repeated(17, "a"), tooMany},
		{"Problem", "status.title", "", tooShort},
		{"TestSuite", "status.conditions", conditions, tooMany},
		{"TestSuite", "status.stage", x(65), tooLong},
		{"TestSuite", "status.kinds", repeated(9, map[string]any{"kind": "small"}), tooMany},
		{"TestSuite", "status.solutions", repeated(9, map[string]any{"name": "a", "language": "go"}), tooMany},
		{"TestSuite", "status.survivors", repeated(11, "a"), tooMany},
		{"TestSuite", "status.survivors", []any{x(257)}, tooLong},
		{"TestSuite", "status.leftOut", repeated(17, "a"), tooMany},
		{"TestSuite", "status.leftOut", []any{x(257)}, tooLong},
		{"TestSuite", "status.disputes", disputes(17), tooMany},
		{"TestSuite", "status.disputes", slices.Concat(disputes(1), disputes(1)), duplicate},
		{"TestSuite", "status.digest", "", tooShort},
		{"SolutionJob", "status.dispute", map[string]any{"attempt": n(0), "program": "a", "suite": "b"}, tooSmall},
		{"SolutionJob", "status.dispute", map[string]any{"attempt": n(1), "program": x(65), "suite": "b"}, tooLong},
		{"SolutionJob", "status.conditions", conditions, tooMany},
		{"SolutionJob", "status.attempts", repeated(11, map[string]any{"number": n(1)}), tooMany},
		{"SolutionJob", "status.attempts[0].number", n(0), tooSmall},
		{"SolutionJob", "status.attempts[0].number", gone, required},
		{"SolutionJob", "status.attempts[0].detail", x(257), tooLong},
		{"SolutionJob", "status.verdict", "", tooShort},
		{"Submission", "status.conditions", conditions, tooMany},
		{"Submission", "status.tests", repeated(129, map[string]any{"name": "a", "verdict": "AC"}), tooMany},
		{"Submission", "status.compileLog", x(1025), tooLong},
		{"Submission", "status.firstFailure", map[string]any{"name": "a", "verdict": "WA", "input": x(1025)}, tooLong},
		{"Submission", "status.firstFailure", map[string]any{"name": "a", "verdict": "WA", "expected": x(1025)}, tooLong},
		{"Submission", "status.firstFailure", map[string]any{"name": "a", "verdict": "WA", "actual": x(1025)}, tooLong},
		{"Submission", "status.firstFailure", map[string]any{"name": "a", "verdict": "WA", "detail": x(257)}, tooLong},
	} {
		t.Run(w.String(), func(t *testing.T) {
			object := manifest(t, w.manifest, namespace)
			object.SetName("")
			object.SetGenerateName("bounded-")
			if err := c.Create(t.Context(), object); err != nil {
				t.Fatal(err)
			}
			set(object.Object, w.path, w.value)
			if w.path == "status.attempts[0].detail" {
				set(object.Object, "status.attempts[0].number", n(1))
			}
			mustRefuse(t, c.Status().Update(t.Context(), object, client.DryRunAll), w.path, w.want)
		})
	}
}

func TestAnUnknownFieldIsRefusedByStrictValidationAndDroppedWithout(t *testing.T) {
	namespace, c := controlplanetest.Namespace(t), controlplanetest.Client(t)
	for name := range smallest {
		object := manifest(t, name, namespace)
		set(object.Object, "spec.speling", "x")
		if err := c.Create(t.Context(), object.DeepCopy(), client.DryRunAll, client.FieldValidation("Strict")); !apierrors.IsBadRequest(err) {
			t.Errorf("%s: got %v", name, err)
		}
		if err := c.Create(t.Context(), object, client.DryRunAll, client.FieldValidation("Ignore")); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, kept := object.Object["spec"].(map[string]any)["speling"]; kept {
			t.Errorf("%s keeps an unknown field", name)
		}
	}
}

// The tests above are only as good as their tables, so these are held to the
// CRDs: every keyword of every field of a spec, and every rule, has its row.
func TestEveryRuleHasACase(t *testing.T) {
	definitions, err := controlplane.Definitions()
	if err != nil {
		t.Fatal(err)
	}
	fixed := []wrong{
		{"TestSuite", "spec.problemRef", nil, fixedSuite}, {"Budget", "spec.period", nil, fixedPeriod}, {"Budget", "spec.currency", nil, fixedCurrency},
		{"", "spec.type", nil, fixedType}, {"", "spec.problemRef", nil, fixedProblem}, {"", "spec.language", nil, fixedLanguage},
		{"", "spec.problemRef", nil, fixedTask}, {"", "spec.language", nil, fixedTongue}, {"", "spec.source", nil, fixedSource}, {"", "spec.stopAtFirst", nil, fixedStop},
	}
	for _, definition := range definitions {
		kind := definition.Spec.Names.Kind
		eachField(definition, func(path string, schema *apiextensionsv1.JSONSchemaProps, isRequired bool) {
			if strings.HasPrefix(path, "status") {
				return
			}
			for _, want := range phrases(schema, isRequired) {
				covered := slices.ContainsFunc(slices.Concat(refusals, fixed), func(w wrong) bool {
					ofKind := w.manifest == "" || w.manifest == kind || kind == "Problem" && (w.manifest == "inline" || w.manifest == "page") || kind == "TestSuite" && w.manifest == "imported" || kind == "Submission" && w.manifest == "saved"
					return ofKind && strings.Contains(want, w.want) && (path == "" || path == strings.ReplaceAll(w.path, "[0]", "[]"))
				})
				if !covered {
					t.Errorf("%s %s: no case for %q", kind, path, want)
				}
			}
		})
	}
}

// phrases are how the API server words what breaks the schema of a field.
func phrases(s *apiextensionsv1.JSONSchemaProps, isRequired bool) []string {
	var out []string
	if s.MinLength != nil {
		out = append(out, fmt.Sprintf("should be at least %d chars long", *s.MinLength))
	}
	for phrase, stated := range map[string]bool{
		required: isRequired, tooLong: s.MaxLength != nil, notMatching: s.Pattern != "",
		unsupported: len(s.Enum) > 0, tooSmall: s.Minimum != nil, tooBig: s.Maximum != nil, tooMany: s.MaxItems != nil,
		tooFew:    s.MinItems != nil || s.MinProperties != nil,
		duplicate: s.XListType != nil && *s.XListType != "atomic",
	} {
		if stated {
			out = append(out, phrase)
		}
	}
	for _, rule := range s.XValidations {
		out = append(out, rule.Message)
	}
	return out
}

// eachField visits a CRD's fields in the order of their paths, but for the
// standard ones.
func eachField(definition *apiextensionsv1.CustomResourceDefinition, visit func(path string, schema *apiextensionsv1.JSONSchemaProps, isRequired bool)) {
	root := definition.Spec.Versions[0].Schema.OpenAPIV3Schema.DeepCopy()
	for _, standard := range []string{"apiVersion", "kind", "metadata"} {
		delete(root.Properties, standard)
	}
	visit("", root, false)
	visitFields("", root, visit)
}

func visitFields(path string, parent *apiextensionsv1.JSONSchemaProps, visit func(string, *apiextensionsv1.JSONSchemaProps, bool)) {
	if parent.Items != nil {
		element := parent.Items.Schema
		visit(path+"[]", element, false)
		visitFields(path+"[]", element, visit)
	}
	names := []string{}
	for name := range parent.Properties {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		child := parent.Properties[name]
		below := strings.TrimPrefix(path+"."+name, ".")
		visit(below, &child, slices.Contains(parent.Required, name))
		visitFields(below, &child, visit)
	}
}

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/manifest"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/embedded"
)

// table is an empty table, and the flags that name it.
type table struct {
	*store.Store
	flags []string
}

func newTable(t *testing.T) *table {
	t.Helper()
	engine, err := embedded.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	client, err := store.NewClient(t.Context(), engine.Endpoint, "")
	if err != nil {
		t.Fatal(err)
	}
	s := store.New(client, store.Options{Table: "packages"})
	if err := s.EnsureTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &table{s, []string{"--table", "packages", "--dynamodb-endpoint", engine.Endpoint}}
}

// with are words with the flags of the table.
func (s *table) with(words ...string) []string { return append(words, s.flags...) }

// noTable fails where a table is asked for.
func noTable(context.Context, TableAddress) (*store.Store, error) {
	return nil, errors.New("no table may be opened here")
}

// applied are the objects that an import prints.
func applied(t *testing.T, documents string) (*v1alpha1.Problem, *v1alpha1.TestSuite) {
	t.Helper()
	of, suite := &v1alpha1.Problem{}, &v1alpha1.TestSuite{}
	first, second, ok := strings.Cut(documents, "---\n")
	if !ok {
		t.Fatalf("got one document:\n%s", documents)
	}
	if err := errors.Join(yaml.UnmarshalStrict([]byte(first), of), yaml.UnmarshalStrict([]byte(second), suite)); err != nil {
		t.Fatal(err)
	}
	return of, suite
}

var (
	tides = problem.Key{Platform: "harbour", ID: "twotides"}
	wire  = problem.Key{Platform: "inline", ID: "lanternwire"}
)

// stored is the imported suite of a problem.
func (s *table) stored(t *testing.T, key problem.Key, name string) *store.SuiteRecord {
	t.Helper()
	rec, err := s.Suite(t.Context(), key, name)
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestAnImportStoresTheTestsThatItsManifestsName(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	got := algoitny(t, s.with("import", packages+"twotides", "--namespace", "team", "--platform", "harbour")...)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	of, suite := applied(t, got.out)
	inline := of.Spec.Source.Inline
	if of.Namespace != "team" || of.Name != "twotides" || of.Spec.TestSuite.SuiteRef.Name != suite.Name || inline.Title != "Two Tides" || len(inline.Samples) != 2 {
		t.Errorf("got %+v", of)
	}
	if inline.TimeLimit.Duration != 500*time.Millisecond || inline.MemoryLimitMiB != 256 || !strings.Contains(inline.Description, "She\nneeds two different tides") {
		t.Errorf("got %+v", inline)
	}
	rec := s.stored(t, tides, "team.twotides-tests")
	digest := rec.Suite.Digest()
	if suite.Namespace != "team" || suite.Name != "twotides-tests" || suite.Spec.ProblemRef.Name != of.Name || suite.Spec.Imported.Digest != digest {
		t.Errorf("got %+v, stored is %s", suite, digest)
	}
	says(t, got.err, "suite team.twotides-tests of harbour/twotides, 7 tests, 2 solutions, digest "+digest+": stored in packages as version 1",
		"accepted/split is not stored with the suite: it has several files")
	s.wantForTheProblemOf(t, of, rec)
}

// wantForTheProblemOf checks that the controller finds in the table what fits
// the manifest as it reads it, and nothing else.
func (s *table) wantForTheProblemOf(t *testing.T, of *v1alpha1.Problem, rec *store.SuiteRecord) {
	t.Helper()
	read := manifest.Read(of.Spec.Source.Inline)
	if rec.Suite.TaskDigest != read.TaskDigest() || rec.Suite.Problem != read.Key || rec.Suite.Limits != read.Limits || rec.Suite.Measured {
		t.Errorf("got %+v, the manifest has %+v", rec.Suite, read)
	}
	var names []string
	for _, solution := range rec.Solutions {
		names = append(names, solution.Name+" "+solution.Language)
	}
	if rec.Owner != (store.Owner{}) || !slices.Equal(names, []string{"accepted/pointers.cpp cpp", "accepted/seen.py python"}) {
		t.Errorf("owner %+v, solutions %v", rec.Owner, names)
	}
	// Nothing is published that nobody has verified.
	if _, err := s.Problem(t.Context(), read.Key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the problem is published: %v", err)
	}
}

// wirePackage is lanternwire without validators, whose runs take most of the
// time of an import; some files are changed or left out.
func wirePackage(t *testing.T, change func(name, text string) (string, string)) string {
	t.Helper()
	return copied(t, "lanternwire", func(name, text string) (string, string) {
		if strings.HasPrefix(name, "input_validators/") {
			return "", ""
		}
		return change(name, text)
	})
}

func asItIs(name, text string) (string, string) { return name, text }

func TestAPackageIsImportedAgain(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	again := func(folder, told string) *store.SuiteRecord {
		t.Helper()
		got := algoitny(t, s.with("import", folder)...)
		if got.code != ExitOK {
			t.Fatalf("got %+v", got)
		}
		says(t, got.err, told)
		return s.stored(t, wire, "default.lanternwire-tests")
	}
	again(wirePackage(t, asItIs), "version 1")
	rec := again(wirePackage(t, asItIs), "version 2")
	// The controllers publish the problem and take the suite over.
	if _, err := s.PutProblem(t.Context(), store.ProblemRecord{Problem: problem.Problem{Key: wire, Title: "Lantern Wire"}, Owner: store.Owner{UID: "p"}}); err != nil {
		t.Fatal(err)
	}
	owner := store.Owner{Namespace: "default", Name: "lanternwire-tests", UID: "s"}
	rec.Owner = owner
	if _, err := s.PutSuite(t.Context(), *rec); err != nil {
		t.Fatal(err)
	}
	folder := wirePackage(t, func(name, text string) (string, string) {
		if strings.HasPrefix(name, "data/secret/01") {
			return "", ""
		}
		return name, text
	})
	if next := again(folder, "version 4"); next.Owner != owner || len(next.Suite.Tests) != 5 {
		t.Errorf("got %+v with %d tests", next.Owner, len(next.Suite.Tests))
	}
}

func TestADryRunOpensNoTable(t *testing.T) {
	t.Parallel()
	s, folder := newTable(t), wirePackage(t, asItIs)
	dry := in(t, noTable, "import", folder, "--dry-run")
	wet := algoitny(t, s.with("import", folder)...)
	if dry.code != ExitOK || wet.code != ExitOK || dry.out != wet.out {
		t.Errorf("got %+v and %+v", dry, wet)
	}
	says(t, dry.err, ": nothing is stored")
	if got := in(t, noTable, "import", folder); got.code != ExitFailed || got.out != "" {
		t.Errorf("got %+v", got)
	}
}

func TestManifestsInAFolder(t *testing.T) {
	t.Parallel()
	s, folder := newTable(t), filepath.Join(t.TempDir(), "new", "folder")
	got := algoitny(t, s.with("import", wirePackage(t, asItIs), "--suite", "poles", "-o", folder)...)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "suite default.poles of inline/lanternwire, 6 tests, 2 solutions", "problem.yaml, testsuite.yaml and suite.json")
	read := func(name string) string {
		t.Helper()
		raw, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	_, suite := applied(t, read("problem.yaml")+"---\n"+read("testsuite.yaml"))
	var tests problem.Suite
	if err := json.Unmarshal([]byte(read("suite.json")), &tests); err != nil || tests.Digest() != suite.Spec.Imported.Digest || suite.Name != "poles" {
		t.Errorf("%v, suite %+v", err, suite)
	}
}

func TestAnImportMeasuresTheTimeThatIsNotStated(t *testing.T) {
	t.Parallel()
	folder := wirePackage(t, func(name, text string) (string, string) {
		switch name {
		case ".timelimit", "submissions/accepted/distances.cpp":
			return "", ""
		case "domjudge-problem.ini":
			text = "externalid = lanternwire\n"
		case "problem.yaml":
			text = strings.Replace(text, "  memory: 256\n", "  output: 8\n", 1)
		}
		return name, text
	})
	s := newTable(t)
	got := algoitny(t, s.with("import", folder)...)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.err, "the time limit is 1s: the package states no time: 2 × the slowest accepted submission", "the memory limit is 2048 MiB: the package states none")
	of, _ := applied(t, got.out)
	rec := s.stored(t, wire, "default.lanternwire-tests")
	want := problem.Limits{Time: time.Second, MemoryBytes: 2 << 30}
	if read := manifest.Read(of.Spec.Source.Inline); !rec.Suite.Measured || rec.Suite.Limits != want || read.Limits != want {
		t.Errorf("the suite has %+v, measured %v, the manifest %+v", rec.Suite.Limits, rec.Suite.Measured, read.Limits)
	}
}

func TestNothingIsStoredOfAPackageThatIsWrong(t *testing.T) {
	t.Parallel()
	s := newTable(t)
	for name, tt := range map[string]struct {
		change func(name, text string) (string, string)
		want   string
	}{
		"an invalid input": {func(name, text string) (string, string) {
			if name == "data/secret/03-diagonal.in" {
				text = "2\n0 0\n1  1\n"
			}
			return name, text
		}, "the input validator format rejects it"},
		"a title that is too long": {func(name, text string) (string, string) {
			return name, strings.Replace(text, "name: Lantern Wire", "name: "+strings.Repeat("Wire ", 60), 1)
		}, "the title is empty or longer"},
		"no samples": {func(name, text string) (string, string) {
			return strings.Replace(name, "data/sample/", "data/secret/s", 1), text
		}, "the list of samples is empty"},
	} {
		got := algoitny(t, s.with("import", copied(t, "lanternwire", tt.change))...)
		if got.code != ExitUsage || got.out != "" {
			t.Errorf("%s: got %+v", name, got)
		}
		says(t, got.err, tt.want)
	}
	if suites, err := s.Suites(t.Context(), wire); err != nil || len(suites) > 0 {
		t.Errorf("stored %+v, %v", suites, err)
	}
}

func TestSuitesThatTheTableRefuses(t *testing.T) {
	o := &importOptions{table: TableAddress{Name: "packages"}}
	for _, tt := range []struct {
		err  error
		code int
		want string
	}{
		{&store.Error{Reason: store.ReasonTooLarge, Message: "larger than 16 MiB"}, ExitUsage, "the tests are too large together: larger than 16 MiB"},
		{&store.ConflictError{Want: 1, Have: 2}, ExitFailed, "nothing was written; import again"},
		{&store.Error{Reason: store.ReasonAccessDenied, Err: os.ErrPermission}, ExitFailed, "the table packages: the AWS credentials may not use the table"},
	} {
		if err := o.refused(tt.err); exitCode(err) != tt.code || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v with exit code %d, want %q", err, exitCode(err), tt.want)
		}
	}
}

// Without its table an import hands out nothing.
func TestTablesThatCannotBeUsed(t *testing.T) {
	s := newTable(t)
	for _, name := range []string{"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
	folder := filepath.Join(t.TempDir(), "new")
	for name, tt := range map[string]struct {
		flags []string
		want  string
	}{
		"another table":      {append(slices.Clone(s.flags), "--table", "others"), "the table others: the table or its index does not exist; create it from config/dynamodb/table.json"},
		"nobody listens":     {[]string{"--dynamodb-endpoint", "http://127.0.0.1:1"}, "the table algoitny_main: the table cannot be reached"},
		"no credentials":     {[]string{"--region", "eu-central-1"}, "no AWS credentials were found; set AWS_PROFILE"},
		"an endpoint of AWS": {[]string{"--dynamodb-endpoint", "nonsense"}, "--table, --region and --dynamodb-endpoint say which"},
	} {
		for _, out := range []string{"-", folder} {
			got := algoitny(t, append([]string{"import", packages + "strangers", "-o", out}, tt.flags...)...)
			if got.code != ExitFailed || got.out != "" {
				t.Errorf("%s: got %+v", name, got)
			}
			says(t, got.err, tt.want)
		}
		if got := algoitny(t, append([]string{"export", "inline/strangers", "-o", filepath.Join(t.TempDir(), "x.zip")}, tt.flags...)...); got.code != ExitFailed {
			t.Errorf("%s: the export gives %+v", name, got)
		}
	}
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

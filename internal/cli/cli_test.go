package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/execution/agent/agenttest"
	"github.com/algoitny/algoitny-operator/internal/execution/calibrate"
	"github.com/algoitny/algoitny-operator/internal/execution/local"
	"github.com/algoitny/algoitny-operator/internal/offline"
	"github.com/algoitny/algoitny-operator/internal/store"
)

func TestMain(m *testing.M) { agenttest.Run(m) }

const packages = "../../test/packages/"

// speed is this machine's. To measure it takes longer than most commands.
var speed = sync.OnceValue(calibrate.Measure)

// outcome is what a command did.
type outcome struct {
	code     int
	out, err string
}

func algoitny(t *testing.T, args ...string) outcome {
	t.Helper()
	return in(t, OpenTable, args...)
}

// in runs a command where tables are reached in this way.
func in(t *testing.T, table func(context.Context, TableAddress) (*store.Store, error), args ...string) outcome {
	t.Helper()
	var out, errs bytes.Buffer
	e := &Environment{Out: &out, Err: &errs, Table: table, Engine: func() (offline.Engine, error) {
		return local.New(local.Options{AgentCommand: agenttest.Command(t), Dir: t.TempDir(), Speed: speed(), Log: logr.Discard()})
	}}
	code := e.Run(t.Context(), args)
	return outcome{code, out.String(), errs.String()}
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	place := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return place
}

func says(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("want %q in:\n%s", part, text)
		}
	}
}

func TestJudgingAnAcceptedProgram(t *testing.T) {
	t.Parallel()
	got := algoitny(t, "judge", "--package", packages+"lanternwire", "--submission", packages+"lanternwire/submissions/accepted/distances.py")
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "lanternwire (icpc-legacy): Lantern Wire", "the validator accepts all inputs", "500ms and 256 MiB", "secret/long/1-random", "AC, passed 6 of 6")
}

func TestJudgingAWrongProgram(t *testing.T) {
	t.Parallel()
	wrong := file(t, "mine.txt", "n, s = map(int, input().split())\nprint(1, 2)\n")
	args := []string{"judge", "--package", packages + "twotides", "--submission", wrong, "--language", "python"}
	got := algoitny(t, args...)
	if got.code != ExitOther {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "rejects the 2 invalid ones", "WA, passed", "first failure: WA on sample/1: tides 1 and 2 give 7, not 10")

	asJSON := algoitny(t, append(args, "--json")...)
	var result judged
	if err := json.Unmarshal([]byte(asJSON.out), &result); err != nil || asJSON.code != ExitOther {
		t.Fatalf("got %v, %+v", err, asJSON)
	}
	if result.Report.Verdict != "WA" || result.Package != "twotides" || len(result.Report.Tests) != 7 {
		t.Errorf("got %+v", result)
	}
}

// What a program prints cannot move a terminal's cursor.
func TestAProgramsWordsCannotAbuseTheTerminal(t *testing.T) {
	t.Parallel()
	wrong := file(t, "a.py", "import sys\nsys.stderr.write('\\x1b[2Jaccepted\\n')\nsys.exit(3)\n")
	got := algoitny(t, "judge", "--package", packages+"lanternwire", "--submission", wrong)
	if got.code != ExitOther || strings.Contains(got.out, "\x1b") {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "RTE on sample/1: exit code 3", "\uFFFD[2Jaccepted")
}

func TestJudgingAProgramThatDoesNotCompile(t *testing.T) {
	t.Parallel()
	got := algoitny(t, "judge", "--package", packages+"lanternwire", "--submission", file(t, "a.cpp", "int main() { return x; }\n"))
	if got.code != ExitOther {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "a.cpp (cpp): CE", "error")
}

func TestJudgingAllSubmissions(t *testing.T) {
	t.Parallel()
	got := algoitny(t, "judge", "--package", packages+"strangers", "--all")
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "accepted/swap", "time_limit_exceeded/slow", "some TLE, only AC or TLE", "as declared", "6 submissions: 6 as declared, 0 differ, 0 not judged, of 0 nothing is declared")
}

// A submission that lies in the wrong folder is told, and costs the exit code.
func TestASubmissionThatDiffersIsSaid(t *testing.T) {
	t.Parallel()
	folder := copied(t, "strangers", func(name, text string) (string, string) {
		if name == "problem.xml" {
			text = strings.Replace(text, `<solution tag="wrong-answer">`, `<solution tag="accepted">`, 1)
		}
		return name, text
	})
	got := algoitny(t, "judge", "--package", folder, "--all", "--json")
	var result judged
	if err := json.Unmarshal([]byte(got.out), &result); err != nil || got.code != ExitOther || result.Differ != 1 {
		t.Fatalf("got %v, %+v", err, got)
	}
	for _, one := range result.Judged {
		if one.Name == "accepted/back" && one.Differs != "sample/01 gives WA, allowed is AC" {
			t.Errorf("got %q", one.Differs)
		}
	}
}

// copied is a package of the tests with some files changed; one that is given
// no name is left out.
func copied(t *testing.T, name string, change func(name, text string) (string, string)) string {
	t.Helper()
	from, to := packages+name, filepath.Join(t.TempDir(), name)
	err := filepath.WalkDir(from, func(place string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		raw, err := os.ReadFile(place)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, place)
		if err != nil {
			return err
		}
		into, text := change(relative, string(raw))
		if into == "" {
			return nil
		}
		into = filepath.Join(to, into)
		return errors.Join(os.MkdirAll(filepath.Dir(into), 0o700), os.WriteFile(into, []byte(text), 0o600))
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func TestAPackageWithAnInvalidInputIsWrong(t *testing.T) {
	t.Parallel()
	folder := copied(t, "lanternwire", func(name, text string) (string, string) {
		if name == "data/secret/03-diagonal.in" {
			text = "2\n0 0\n1  1\n"
		}
		return name, text
	})
	got := algoitny(t, "judge", "--package", folder, "--all")
	if got.code != ExitUsage || got.out != "" {
		t.Fatalf("got %+v", got)
	}
	says(t, got.err, "secret/03-diagonal: the input validator format rejects it", "must have two numbers")
}

// A checker that fails is neither the program's fault nor the command line's.
func TestAFailingCheckerIsNoVerdict(t *testing.T) {
	t.Parallel()
	folder := copied(t, "twotides", func(name, text string) (string, string) {
		if name == "output_validator/pair.py" {
			text = "raise SystemExit(1)\n"
		}
		return name, text
	})
	got := algoitny(t, "judge", "--package", folder, "--submission", packages+"twotides/submissions/accepted/seen.py")
	if got.code != ExitFailed {
		t.Fatalf("got %+v", got)
	}
	says(t, got.err, "the checker failed")
}

func TestTheLogIsTellingNotes(t *testing.T) {
	var out bytes.Buffer
	log := Notes(&out).WithName("runner").WithValues("a", 1)
	log.Info("seen", "b", 2)
	log.V(1).Info("unseen")
	log.Error(errors.New("why"), "failed")
	if out.String() != "note: seen\nnote: failed: why\n" {
		t.Errorf("got %q", out.String())
	}
}

func TestATimeLimitIsMeasuredWhereThePackageStatesNone(t *testing.T) {
	t.Parallel()
	folder := copied(t, "lanternwire", func(name, text string) (string, string) {
		switch {
		case name == ".timelimit" || strings.HasPrefix(name, "submissions/") && !strings.HasPrefix(name, "submissions/accepted/"):
			return "", ""
		case name == "domjudge-problem.ini":
			text = "externalid = lanternwire\n"
		}
		return name, text
	})
	got := algoitny(t, "judge", "--package", folder, "--all")
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "limits   1s and 256 MiB for a program in C++ (the package states no time: 2 × the slowest accepted submission, which takes", "rounded up to 1s")
}

func TestCommandLinesThatAreRefused(t *testing.T) {
	program := file(t, "a.py", "print(1)\n")
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"no package", []string{"judge", "--all"}, "--package is missing"},
		{"neither a submission nor all", []string{"judge", "--package", "x"}, "either --submission or --all"},
		{"both", []string{"judge", "--package", "x", "--all", "--submission", program}, "either --submission or --all"},
		{"an unknown flag", []string{"judge", "--nonsense"}, "nonsense"},
		{"a word too many", []string{"judge", "--package", "x", "--all", "y"}, "0 words"},
		{"a package that is not there", []string{"judge", "--package", "/nowhere", "--submission", program}, "no such file"},
		{"a package that is none", []string{"judge", "--package", program, "--submission", program}, "no ZIP file"},
		{"a submission that is not there", []string{"judge", "--package", packages + "twotides", "--submission", "/nowhere.py"}, "no such file"},
		{"a language nobody knows", []string{"judge", "--package", packages + "twotides", "--submission", program, "--language", "cobol"}, "languages are"},
		{"a language that the ending does not say", []string{"judge", "--package", packages + "twotides", "--submission", file(t, "a.xyz", "")}, "--language"},
		{"no suite and no package", []string{"evaluate", "--programs", "x"}, "either --suite or --package"},
		{"no programs", []string{"evaluate", "--package", "x"}, "--programs is missing"},
		{"a suite that is none", []string{"evaluate", "--suite", program, "--programs", packages + "twotides/submissions"}, "not the JSON of a suite"},
		{"a folder without labelled programs", []string{"evaluate", "--package", "x", "--programs", packages}, "no programs in accepted/"},
		{"an export without a place", []string{"export", packages + "twotides"}, "-o is missing"},
		{"an export in an unknown format", []string{"export", packages + "twotides", "-o", "x", "--format", "boca"}, "icpc-legacy"},
		{"an import of nothing", []string{"import"}, "1 words"},
		{"an import into a namespace that is none", []string{"import", packages + "twotides", "--dry-run", "--namespace", "Team"}, "the namespace"},
		{"an import under a name that is none", []string{"import", packages + "twotides", "--dry-run", "--name", "two_tides"}, "the name of the Problem"},
		{"a replay of nothing", []string{"replay"}, "1 words"},
		{"a replay of what is no problem's name", []string{"replay", "1211A"}, "is not PLATFORM/ID"},
		{"the cost of a month that is none", []string{"cost", "--month", "March"}, "is not written as 2006-01"},
		{"the cost by something unknown", []string{"cost", "--by", "author"}, "one of problem, step, model, day, object, provider"},
		{"an import of a platform that is none", []string{"import", packages + "strangers", "--dry-run", "--platform", "a/b"}, "the platform"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := algoitny(t, tt.args...)
			if got.code != ExitUsage || got.out != "" {
				t.Fatalf("got %+v", got)
			}
			says(t, got.err, tt.want)
		})
	}
}

func TestEvaluatingASuiteThatWasImported(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	got := algoitny(t, "import", packages+"strangers", "--dry-run", "-o", folder)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	programs := t.TempDir()
	for name, source := range map[string]string{
		"correct/turn.py":             "n = int(input())\nprint(*[i % n + 1 for i in range(1, n + 1)])\n",
		"wrong_answer/back.py":        "n = int(input())\nprint(*range(n, 0, -1))\n",
		"run_time_error/crash.py":     "n = int(input())\nassert n < 5000\nprint(*[i % n + 1 for i in range(1, n + 1)])\n",
		"wrong/even.py":               "n = int(input())\nprint(*[i % n + 1 for i in range(1, n + 1)] if n > 2 else [1, 2])\n",
		"wrong_answer/no-compile.cpp": "int main( {\n",
		"mixed/unlabelled.py":         "print(1)\n",
	} {
		place := filepath.Join(programs, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(place), 0o700), os.WriteFile(place, []byte(source), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	picture := filepath.Join(t.TempDir(), "matrix.svg")
	got = algoitny(t, "evaluate", "--suite", filepath.Join(folder, "suite.json"), "--programs", programs, "--svg", picture)
	if got.code != ExitOK {
		t.Fatalf("got %+v", got)
	}
	says(t, got.out, "TPR 100.0 % (1/1", "TNR 100.0 % (3/3", "smallest subset that kills as many: 3 of 5 tests (no smaller one exists)")
	says(t, got.err, "wrong_answer/no-compile.cpp is not judged: it does not compile", "mixed/unlabelled.py is not judged")
	if raw, err := os.ReadFile(picture); err != nil || !bytes.HasPrefix(raw, []byte("<svg")) {
		t.Errorf("got %v, %.20s", err, raw)
	}
}

func TestEvaluatingAPackage(t *testing.T) {
	t.Parallel()
	got := algoitny(t, "evaluate", "--package", packages+"strangers", "--programs", packages+"lanternwire/submissions", "--json")
	var result evaluated
	if err := json.Unmarshal([]byte(got.out), &result); err != nil || got.code != ExitOK {
		t.Fatalf("got %v, %+v", err, got)
	}
	// Programs for another problem are all wrong.
	if result.TPR.Hits != 0 || result.TPR.Total != 2 || result.TNR.Total != result.TNR.Hits || len(result.Skipped) != 1 {
		t.Errorf("got %+v, skipped %v", result.Evaluation, result.Skipped)
	}
}

func TestTheHelpHasEveryCommand(t *testing.T) {
	for _, name := range Names() {
		says(t, Usage(), "algoitny "+name)
		if got := algoitny(t, name, "--help"); got.code != ExitOK {
			t.Errorf("%s --help gives %+v", name, got)
		}
	}
}

package toolchain

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestEveryRowIsComplete(t *testing.T) {
	if want := []string{"python", "pypy", "cpp", "go", "java"}; !slices.Equal(Names(), want) {
		t.Errorf("the languages are %v, want %v", Names(), want)
	}
	for _, name := range Names() {
		row, ok := Lookup(name)
		if !ok || row.Name != name || row.Dialect == "" || row.Source != filepath.Base(row.Source) || len(row.Run) == 0 || row.TimeFactor < 1 || row.Package == "" || row.Install == "" {
			t.Errorf("%s: %+v", name, row)
		}
		for _, variable := range row.Env {
			if !strings.Contains(variable, "=") {
				t.Errorf("%s: %q is no variable", name, variable)
			}
		}
	}
	if row, ok := Lookup("Python"); ok {
		t.Errorf("got %+v for a name in another spelling", row)
	}
}

func TestLimits(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name   string
		factor float64
		stated problem.Limits
		want   problem.Limits
	}{
		{"none stated", 1, problem.Limits{}, problem.Limits{Time: 2 * time.Second, MemoryBytes: 256 * mib}},
		{"negative ones", 1, problem.Limits{Time: -1, MemoryBytes: -1}, problem.Limits{Time: 2 * time.Second, MemoryBytes: 256 * mib}},
		{"stated", 1, problem.Limits{Time: time.Second, MemoryBytes: 64 * mib}, problem.Limits{Time: time.Second, MemoryBytes: 64 * mib}},
		{"the language's factor", 1.5, problem.Limits{Time: time.Second, MemoryBytes: 64 * mib}, problem.Limits{Time: 1500 * time.Millisecond, MemoryBytes: 64 * mib}},
		{"too little to start with", 1, problem.Limits{Time: 1, MemoryBytes: 1}, problem.Limits{Time: 100 * time.Millisecond, MemoryBytes: 32 * mib}},
		{"too much", 3, problem.Limits{Time: 50 * time.Second, MemoryBytes: 5 << 30}, problem.Limits{Time: time.Minute, MemoryBytes: 4 << 30}},
		{"more than numbers hold", 3, problem.Limits{Time: math.MaxInt64, MemoryBytes: math.MaxInt64}, problem.Limits{Time: time.Minute, MemoryBytes: 4 << 30}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := (Toolchain{TimeFactor: tt.factor}).Limits(tt.stated); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func TestAHeapStaysBelowTheMemoryLimit(t *testing.T) {
	java, _ := Lookup("java")
	for limit, want := range map[int64]string{32 << 20: "-Xmx16m", 64 << 20: "-Xmx32m", 256 << 20: "-Xmx208m", 4 << 30: "-Xmx4048m"} {
		if got := java.RunUnder(limit); !slices.Contains(got, want) || strings.Contains(strings.Join(got, " "), "{") {
			t.Errorf("%d MiB: got %v, want %s", limit>>20, got, want)
		}
	}
	cpp, _ := Lookup("cpp")
	if got := cpp.RunUnder(64 << 20); !slices.Equal(got, cpp.Run) {
		t.Errorf("got %v", got)
	}
}

func TestAnImageInstallsAPackageForEveryLanguage(t *testing.T) {
	if want := []string{"python3", "pypy3", "g++", "golang-go", "default-jdk-headless"}; !slices.Equal(Packages(), want) {
		t.Errorf("got %v", Packages())
	}
}

func TestAMissingLanguageSaysWhatToInstall(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	if err := os.WriteFile(filepath.Join(folder, "g++"), []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	tests := []struct{ language, message string }{
		{"cpp", ""},
		{"python", "python3 is not installed here; install python3"},
		{"go", "go is not installed here; install Go from go.dev"},
	}
	for _, tt := range tests {
		t.Run(tt.language, func(t *testing.T) {
			row, _ := Lookup(tt.language)
			err := row.Available()
			if tt.message == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var unsupported *execution.UnsupportedError
			if !errors.As(err, &unsupported) || unsupported.Language != tt.language || unsupported.Message != tt.message {
				t.Errorf("got %v, want %q", err, tt.message)
			}
		})
	}
}

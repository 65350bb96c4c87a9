// Package toolchain is the one table of languages: how each is written down,
// compiled and run. A new language is a row here and a package in the image
// that runs programs.
package toolchain

import (
	"fmt"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Toolchain is one language.
type Toolchain struct {
	// Name is the language as the API spells it.
	Name string
	// Dialect tells a model what it may write.
	Dialect string
	// Source is the file a program is stored in.
	Source string
	// Compile and Run are commands in the program's folder. A first word
	// without a slash is looked up in the PATH.
	Compile []string
	Run     []string
	// Env is set for Compile and Run.
	Env []string
	// Cache is the variable that names a folder which compilations share,
	// empty when there is none. Programs never see the folder.
	Cache string
	// TimeFactor stretches a problem's time limit, which is meant for C++.
	TimeFactor float64
	// Version is a command that prints the version of what compiles or runs.
	Version []string
	// Package is what an image for running programs installs for it.
	Package string
	// Install says how a person gets the language.
	Install string
}

// heapWord stands in a Run for the MiB that a program's own objects may take,
// for languages that do not take what they need by themselves.
const heapWord = "{heapMiB}"

// runtimeBytes is what a Java machine takes beside the heap: a program that
// fills the heap comes close to its limit, and one that only leaves garbage
// behind never goes beyond it.
const runtimeBytes = 48 << 20

// RunUnder is Run for a memory limit in bytes.
func (t Toolchain) RunUnder(memory int64) []string {
	heap := max(memory-runtimeBytes, memory/2)
	argv := make([]string, len(t.Run))
	for i, word := range t.Run {
		argv[i] = strings.ReplaceAll(word, heapWord, strconv.FormatInt(heap>>20, 10))
	}
	return argv
}

var table = []Toolchain{
	{
		Name: "python", Dialect: "Python 3 with its standard library only", Source: "main.py",
		Compile:    []string{"python3", "-m", "py_compile", "main.py"},
		Run:        []string{"python3", "-S", "main.py"},
		Env:        []string{"PYTHONHASHSEED=0", "PYTHONIOENCODING=utf-8"},
		Version:    []string{"python3", "--version"},
		TimeFactor: 3, Package: "python3", Install: "install python3",
	},
	{
		Name: "pypy", Dialect: "Python 3 with its standard library only, for PyPy", Source: "main.py",
		Compile:    []string{"pypy3", "-m", "py_compile", "main.py"},
		Run:        []string{"pypy3", "-S", "main.py"},
		Env:        []string{"PYTHONHASHSEED=0", "PYTHONIOENCODING=utf-8"},
		Version:    []string{"pypy3", "--version"},
		TimeFactor: 2, Package: "pypy3", Install: "install pypy3",
	},
	{
		Name: "cpp", Dialect: "C++20 for GCC", Source: "main.cpp",
		Compile:    []string{"g++", "-std=c++20", "-O2", "-pipe", "-o", "main", "main.cpp"},
		Run:        []string{"./main"},
		Version:    []string{"g++", "--version"},
		TimeFactor: 1, Package: "g++", Install: "install g++",
	},
	{
		Name: "go", Dialect: "Go with its standard library only, in one file of package main", Source: "main.go",
		Compile:    []string{"go", "build", "-o", "main", "main.go"},
		Run:        []string{"./main"},
		Env:        []string{"CGO_ENABLED=0", "GOTOOLCHAIN=local", "GOPROXY=off", "GOFLAGS=", "GO111MODULE=off", "GOTELEMETRY=off"},
		Cache:      "GOCACHE",
		Version:    []string{"go", "version"},
		TimeFactor: 1.5, Package: "golang-go", Install: "install Go from go.dev",
	},
	{
		Name: "java", Dialect: "Java 17 with its standard library only, in one file with a public class Main", Source: "Main.java",
		Compile: []string{"javac", "-proc:none", "-encoding", "UTF-8", "Main.java"},
		// One collector and one compiler thread: what a program is measured by
		// is its own work. A full heap ends as memory does in other languages.
		Run: []string{
			"java", "-Xmx" + heapWord + "m", "-Xss64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
			"-XX:OnOutOfMemoryError=kill -9 %p", "-cp", ".", "Main",
		},
		Version:    []string{"javac", "-version"},
		TimeFactor: 2, Package: "default-jdk-headless", Install: "install a JDK",
	},
}

// Lookup finds a language by its name.
func Lookup(name string) (Toolchain, bool) {
	for _, t := range table {
		if t.Name == name {
			return t, true
		}
	}
	return Toolchain{}, false
}

// Find is Lookup with an error that says what there is instead, an
// *execution.UnsupportedError.
func Find(name string) (Toolchain, error) {
	t, ok := Lookup(name)
	if !ok {
		return t, &execution.UnsupportedError{Language: name, Message: fmt.Sprintf("the languages are %v", Names())}
	}
	return t, nil
}

// Names lists all languages.
func Names() []string {
	names := make([]string, len(table))
	for i, t := range table {
		names[i] = t.Name
	}
	return names
}

// Packages are what an image for running programs installs.
func Packages() []string {
	packages := make([]string, len(table))
	for i, t := range table {
		packages[i] = t.Package
	}
	return packages
}

// Available tells whether this machine has the language; the error is an
// *execution.UnsupportedError that says what to install.
func (t Toolchain) Available() error {
	for _, command := range [][]string{t.Compile, t.Run} {
		if len(command) == 0 || command[0] == "./main" {
			continue
		}
		if _, err := exec.LookPath(command[0]); err != nil {
			return &execution.UnsupportedError{
				Language: t.Name,
				Message:  fmt.Sprintf("%s is not installed here; %s", command[0], t.Install),
			}
		}
	}
	return nil
}

// The limits of a problem that states none, and the bounds of one that does.
const (
	defaultTime   = 2 * time.Second
	defaultMemory = 256 << 20
	minTime       = 100 * time.Millisecond
	maxTime       = time.Minute
	minMemory     = 32 << 20
	maxMemory     = 4 << 30
)

// Limits are what a program in this language is allowed on each test.
func (t Toolchain) Limits(stated problem.Limits) problem.Limits {
	if stated.Time <= 0 {
		stated.Time = defaultTime
	}
	if stated.MemoryBytes <= 0 {
		stated.MemoryBytes = defaultMemory
	}
	allowed := min(max(stated.Time, minTime), maxTime)
	return problem.Limits{
		Time:        min(time.Duration(float64(allowed)*t.TimeFactor), maxTime),
		MemoryBytes: min(max(stated.MemoryBytes, minMemory), maxMemory),
	}
}

package execution

import (
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func suited() Request {
	return Request{
		Key: "uid/1/judge/1", Language: "cpp",
		Tools:   []problem.Program{{Name: "generator"}, {Name: "checker"}},
		Checker: problem.Checker{Program: "checker", Protocol: problem.ProtocolTestlib},
		Make:    []Step{{Name: "in", Program: "generator"}, {Name: "ans", Program: "generator", Input: Made("in")}},
		Tests:   []Test{{Name: "1", Input: Made("in"), Answer: Made("ans")}, {Name: "2", Input: Text(""), Answer: Text("")}},
	}
}

func TestARequestThatMakesNoSenseIsFoundOut(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Request)
		says   string
	}{
		"all is well":                 {func(*Request) {}, ""},
		"there are no tests":          {func(r *Request) { r.Tests = nil }, "no tests"},
		"a test has no name":          {func(r *Request) { r.Tests[0].Name = "" }, "its name is empty"},
		"a test has a long name":      {func(r *Request) { r.Tests[0].Name = strings.Repeat("x", MaxName+1) }, "longer than 256 bytes"},
		"a test has no input":         {func(r *Request) { r.Tests[0].Input = nil }, "no input"},
		"a test has no answer":        {func(r *Request) { r.Tests[1].Answer = nil }, "no answer"},
		"nobody makes an input":       {func(r *Request) { r.Tests[0].Input = Made("else") }, `no earlier step is called "else"`},
		"nobody makes an answer":      {func(r *Request) { r.Tests[0].Answer = Made("else") }, `no earlier step is called "else"`},
		"a step comes too late":       {func(r *Request) { r.Make[0], r.Make[1] = r.Make[1], r.Make[0] }, `no earlier step is called "in"`},
		"a step has no program":       {func(r *Request) { r.Make[0] = Step{Name: "in", Output: Text(""), Answer: Text("")} }, "makes no content"},
		"a step has an answer":        {func(r *Request) { r.Make[0].Answer = Text("") }, "makes no content"},
		"a step's program is unknown": {func(r *Request) { r.Make[0].Program = "else" }, `no program "else"`},
		"the checker is unknown":      {func(r *Request) { r.Checker.Program = "else" }, `no program "else"`},
		"the protocol is unknown":     {func(r *Request) { r.Checker.Protocol = "" }, "no checker protocol"},
		"two tools have one name":     {func(r *Request) { r.Tools[1].Name = "generator" }, `two programs are called "generator"`},
		"rules need no program":       {func(r *Request) { r.Checker = problem.Checker{} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r := suited()
			tt.change(&r)
			err := r.Validate()
			if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got %v, want %q", err, tt.says)
			}
		})
	}
}

func TestWhatAStepMakesIsNowhereElse(t *testing.T) {
	if reader, err := Made("in").Open(); err == nil {
		t.Errorf("got %v", reader)
	}
}

func TestOnlyProgramsThatRunAreNeeded(t *testing.T) {
	r := suited()
	r.Tools = append(r.Tools, problem.Program{Name: "brute force"})
	b := Batch{Programs: r.Tools, Steps: r.Make}
	for name, got := range map[string][]problem.Program{"generator checker": r.Needed(), "generator": b.Needed()} {
		var names []string
		for _, p := range got {
			names = append(names, p.Name)
		}
		if strings.Join(names, " ") != name {
			t.Errorf("got %q, want %s", names, name)
		}
	}
	r.Make, r.Checker = nil, problem.Checker{}
	if got := r.Needed(); len(got) > 0 || len(r.Tools) != 3 {
		t.Errorf("got %v of %v", got, r.Tools)
	}
}

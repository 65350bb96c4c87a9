package judging

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// tool is one whose agents do these steps once it is compiled.
func tool(steps ...step) *script {
	return &script{compile: []step{{}}, programs: [][]step{steps}}
}

// checkerTool has the input, the answer and the output put before each run.
func checkerTool(runs ...step) *script {
	var steps []step
	for _, run := range runs {
		steps = append(steps, step{}, step{}, step{}, run)
	}
	return tool(steps...)
}

// exits is a run that says something and ends with this code.
func exits(code int, says string) step {
	return gives(protocol.Result{ExitCode: code, Stderr: []byte(says)})
}

func programs(names ...string) []problem.Program {
	var all []problem.Program
	for _, name := range names {
		all = append(all, problem.Program{Name: name, Language: "cpp", Source: name})
	}
	return all
}

// made is a step that reads what another one makes.
func made(name, program, from string) execution.Step {
	s := execution.Step{Name: name, Program: program}
	if from != "" {
		s.Input = execution.Made(from)
	}
	return s
}

func (s *script) work(t *testing.T, batch execution.Batch) (*execution.BatchReport, error) {
	t.Helper()
	tools := s.tools
	l := lab(t, s)
	report, err := Work(t.Context(), batch, l)
	s.wait(tools)
	if left, _ := os.ReadDir(l.Scratch); len(left) > 0 {
		t.Errorf("%d outputs are left", len(left))
	}
	return report, err
}

// ends are the verdicts, or why there is none.
func ended(r *execution.BatchReport) string {
	var all []string
	for _, s := range r.Steps {
		if s.Verdict == "" {
			all = append(all, "("+s.Detail+")")
			continue
		}
		all = append(all, string(s.Verdict))
	}
	return strings.Join(all, " ")
}

var byChecker = problem.Checker{Program: "checker", Protocol: problem.ProtocolTestlib}

func TestWhatBecomesOfSteps(t *testing.T) {
	const unmade = `its input was not made: "a" failed or was not run`
	tooLong := execution.Text(strings.Repeat("0123456789abcde\n", maxOutput/16+1))
	twoOfOne := []execution.Step{made("a", "one", ""), made("b", "one", "")}
	tests := []struct {
		name  string
		tools []*script
		batch execution.Batch
		want  string
		lost  bool
	}{
		{"all is well", []*script{tool(prints("1")), tool(prints("2"))},
			execution.Batch{Steps: []execution.Step{made("a", "one", ""), made("b", "two", "a")}}, "AC AC", false},
		{"a program has nobody who needs its output", []*script{tool(prints("1"), prints("2"))}, execution.Batch{Steps: twoOfOne}, "AC AC", false},
		{"a step fails whose output is needed", []*script{tool(exits(1, ""))},
			execution.Batch{Steps: []execution.Step{made("a", "one", ""), made("b", "two", "a")}}, "RTE (" + unmade + ")", false},
		{"what is needed is not made in turn", []*script{tool(exits(1, ""))},
			execution.Batch{Steps: []execution.Step{made("a", "one", ""), made("b", "two", "a"), made("c", "two", "b")}},
			"RTE (" + unmade + `) (its input was not made: "b" failed or was not run)`, false},
		{"an answer is not made", []*script{tool(exits(1, ""))},
			execution.Batch{Steps: []execution.Step{made("a", "one", ""), {Name: "b", Program: "two", Answer: execution.Made("a")}}},
			`RTE (its answer was not made: "a" failed or was not run)`, false},
		{"a wrong output is made all the same", []*script{tool(prints("1")), tool(prints("2"))},
			execution.Batch{Steps: []execution.Step{{Name: "a", Program: "one", Answer: execution.Text("2")}, made("b", "two", "a")}}, "WA AC", false},
		{"an output has another digest", []*script{tool(prints("1"))},
			execution.Batch{Steps: []execution.Step{{Name: "a", Program: "one", Digest: strings.Repeat("0", 64)}, made("b", "two", "a")}}, "JE (" + unmade + ")", false},
		{"an output has the digest that it must have", []*script{tool(prints("1"))},
			execution.Batch{Steps: []execution.Step{{Name: "a", Program: "one", Digest: "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"}}}, "AC", false},
		{"a program does not compile", []*script{{compile: []step{exits(1, "no;")}}, tool(prints("2"))},
			execution.Batch{Steps: append(twoOfOne, made("c", "two", ""))}, "(the program does not compile) (the program does not compile) AC", false},
		{"a program is too large", []*script{tool(gives(protocol.Result{Cause: protocol.CauseFiles}))},
			execution.Batch{Steps: twoOfOne}, "(the program does not compile) (the program does not compile)", false},
		{"a program cannot be started", []*script{tool(gives(protocol.Result{Error: "no interpreter"}), prints("2"))},
			execution.Batch{Steps: twoOfOne}, "JE AC", false},
		{"a program comes back", []*script{tool(prints("1")), tool(prints("2")), tool(prints("3"))},
			execution.Batch{Steps: []execution.Step{made("a", "one", ""), made("b", "two", ""), made("c", "one", "")}}, "AC AC AC", false},
		{"a program ends its agent", []*script{tool(ends), tool(prints("2"))},
			execution.Batch{Steps: append(twoOfOne, made("c", "two", ""))}, "RTE (the program has ended the sandbox that it ran in) AC", false},
		{"a program ends the only agent", []*script{tool(ends)},
			execution.Batch{Steps: append(twoOfOne, made("c", "two", ""))},
			"RTE (the program has ended the sandbox that it ran in) (a program has ended the sandbox for tools)", true},
		{"a compiler ends the only agent", []*script{{compile: []step{ends}}},
			execution.Batch{Steps: append(twoOfOne[:1:1], made("c", "two", ""))}, "(the program does not compile) (a program has ended the sandbox for tools)", true},
		{"a program runs out of time", []*script{tool(gives(protocol.Result{Cause: protocol.CauseCPU}), gives(protocol.Result{Cause: protocol.CauseIdle}))},
			execution.Batch{MaxTimeouts: 2, Steps: append(twoOfOne, made("c", "one", ""))}, "TLE TLE (given up: the program ran out of time 2 times)", false},
		{"a program fails", []*script{tool(prints("1"), exits(1, "")), tool(prints("2"))},
			execution.Batch{MaxFailures: 1, Steps: append(twoOfOne, made("c", "one", ""), made("d", "two", ""))}, "AC RTE (given up: the program failed 1 times) AC", false},
		{"a wrong output counts as a failure", []*script{tool(prints("1"))},
			execution.Batch{MaxFailures: 1, Steps: []execution.Step{{Name: "a", Program: "one", Answer: execution.Text("2")}, made("b", "one", "")}},
			"WA (given up: the program failed 1 times)", false},
		{"outputs are given", nil, execution.Batch{Steps: []execution.Step{
			{Name: "a", Output: execution.Text("1\n"), Answer: execution.Text("1")}, {Name: "b", Output: execution.Text("2"), Answer: execution.Text("1")},
		}}, "AC WA", false},
		{"a given output is given on", []*script{tool(prints("1"))}, execution.Batch{Steps: []execution.Step{
			{Name: "a", Output: execution.Text("1"), Answer: execution.Text("1")}, made("b", "one", "a"),
		}}, "AC AC", false},
		{"an output is too long", nil, execution.Batch{Steps: []execution.Step{{Name: "a", Output: tooLong, Answer: tooLong}}}, "OLE", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.batch.Programs = programs("one", "two")
			report, err := (&script{tools: tt.tools}).work(t, tt.batch)
			if err != nil || ended(report) != tt.want || report.SandboxLost != tt.lost {
				t.Errorf("got %s, %v, lost %t; want %s", ended(report), err, report.SandboxLost, tt.want)
			}
		})
	}
}

func TestACheckersWordIsTheVerdict(t *testing.T) {
	icpc := problem.Checker{Program: "checker", Protocol: problem.ProtocolICPC}
	for name, tt := range map[string]struct {
		checker problem.Checker
		run     step
		want    problem.Verdict
		detail  string
	}{
		"testlib accepts":           {byChecker, exits(0, "ok 3 numbers"), problem.Accepted, ""},
		"testlib rejects":           {byChecker, exits(1, "3 is not 4"), problem.WrongAnswer, "3 is not 4"},
		"testlib rejects in silent": {byChecker, exits(1, ""), problem.WrongAnswer, "the checker rejects the output"},
		"testlib cannot read":       {byChecker, exits(2, "no number"), problem.PresentationError, "no number"},
		"testlib finds more":        {byChecker, exits(4, "extra tokens"), problem.WrongAnswer, "extra tokens"},
		"testlib finds less":        {byChecker, exits(8, "unexpected eof"), problem.WrongAnswer, "unexpected eof"},
		"testlib fails":             {byChecker, exits(3, "the answer is wrong"), problem.JudgeError, "the checker failed: exit code 3: the answer is wrong"},
		"testlib says anything":     {byChecker, exits(42, ""), problem.JudgeError, "the checker failed: exit code 42"},
		"icpc accepts":              {icpc, exits(42, ""), problem.Accepted, ""},
		"icpc rejects":              {icpc, exits(43, "no"), problem.WrongAnswer, "no"},
		"icpc exits well":           {icpc, exits(0, ""), problem.JudgeError, "the checker failed: exit code 0"},
		"icpc says what it may not": {icpc, exits(1, ""), problem.JudgeError, "the checker failed: exit code 1"},
		"a crash":                   {byChecker, gives(protocol.Result{Signal: "SIGSEGV"}), problem.JudgeError, "the checker failed: ended by SIGSEGV"},
		"an end by the system":      {byChecker, gives(protocol.Result{Signal: "SIGKILL"}), problem.JudgeError, "the checker failed: killed by the system, which does so when memory runs out"},
		"no end":                    {byChecker, gives(protocol.Result{Cause: protocol.CauseCPU}), problem.JudgeError, "the checker failed: more than 10s of CPU time"},
		"no end, and a verdict":     {icpc, gives(protocol.Result{Cause: protocol.CauseWall, ExitCode: 42}), problem.JudgeError, "the checker failed: not ended after 1m50s of wall time"},
		"an end of its agent":       {byChecker, ends, problem.JudgeError, "the checker failed: the program has ended the sandbox that it ran in"},
		"no start":                  {byChecker, gives(protocol.Result{Error: "none"}), problem.JudgeError, "the checker failed: the agent could not: none"},
		"a flood of words":          {byChecker, exits(1, strings.Repeat("x", protocol.MaxStderr)), problem.WrongAnswer, strings.Repeat("x", maxRemark)},
	} {
		t.Run(name, func(t *testing.T) {
			checker := checkerTool(tt.run)
			if tt.checker.Protocol == problem.ProtocolICPC {
				// The output comes on standard input.
				checker = tool(step{}, step{}, tt.run)
			}
			report, err := checker.work(t, execution.Batch{
				Programs: programs("checker"), Checker: tt.checker,
				Steps: []execution.Step{{Name: "a", Input: execution.Text("1"), Output: execution.Text("2"), Answer: execution.Text("3")}},
			})
			if err != nil || report.Steps[0].Verdict != tt.want || report.Steps[0].Detail != tt.detail {
				t.Errorf("got %+v, %v", report, err)
			}
		})
	}
}

func TestACheckerIsCompiledOnceAndApart(t *testing.T) {
	checker := checkerTool(exits(0, ""), exits(1, "no"), exits(0, ""))
	one, two := tool(prints("1"), prints("2")), tool(prints("3"))
	checker.tools = []*script{one, two}
	answer := execution.Text("x")
	report, err := checker.work(t, execution.Batch{
		Programs: programs("one", "two", "checker"), Checker: problem.Checker{Program: "checker", Protocol: problem.ProtocolTestlib, Args: []string{"strict"}},
		Steps: []execution.Step{
			{Name: "a", Program: "one", Answer: answer}, {Name: "b", Program: "one", Answer: answer}, {Name: "c", Program: "two", Answer: answer},
		},
	})
	if err != nil || ended(report) != "AC WA AC" {
		t.Fatalf("got %s, %v", ended(report), err)
	}
	if asked := checker.asked; len(asked) != 4 || strings.Join(asked[1].Argv, " ") != "./main input output answer strict" || !asked[1].Restore {
		t.Errorf("the checker was asked %+v", asked)
	}
}

func TestACheckerThatDoesNotCompileFails(t *testing.T) {
	s := &script{compile: []step{exits(1, "no;")}, tools: []*script{tool(prints("1"), prints("2"))}}
	report, err := s.work(t, execution.Batch{
		Programs: programs("one", "checker"), Checker: byChecker,
		Steps: []execution.Step{{Name: "a", Program: "one", Answer: execution.Text("1")}, {Name: "b", Program: "one", Answer: execution.Text("1")}},
	})
	if err != nil || ended(report) != "JE JE" || report.Steps[1].Detail != "the checker failed: the program does not compile" || report.CompileLogs["checker"] != "no;" {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestOutputsComeBackAsFarAsThereIsRoom(t *testing.T) {
	const most = 2048
	line := strings.Repeat("x", protocol.MaxData)
	var steps []step
	batch := execution.Batch{Programs: programs("one")}
	for i := range execution.MaxKept/protocol.MaxData + 1 {
		steps = append(steps, prints(line))
		batch.Steps = append(batch.Steps, execution.Step{Name: fmt.Sprint(i), Program: "one", Keep: 1 << 20})
	}
	batch.Steps[0].Keep = most
	report, err := (&script{tools: []*script{tool(steps...)}}).work(t, batch)
	if err != nil {
		t.Fatal(err)
	}
	total, last := 0, report.Steps[len(report.Steps)-1]
	for _, s := range report.Steps {
		total += len(s.Output)
		if s.Size != protocol.MaxData || s.Digest == "" {
			t.Errorf("got %d bytes, digest %s", s.Size, s.Digest)
		}
	}
	if total != execution.MaxKept || report.Steps[0].Whole() || len(report.Steps[0].Output) != most || !report.Steps[1].Whole() || last.Whole() {
		t.Errorf("%d bytes in all, the last has %d", total, len(last.Output))
	}
}

// On this machine a text is left out for its size only where no program may
// print it.
func TestLargeOutputsComeBackWhereTheyAreAskedFor(t *testing.T) {
	line := strings.Repeat("x", protocol.MaxData)
	var steps []step
	batch := execution.Batch{Programs: programs("one"), KeepLarge: true}
	for i := range execution.MaxKept/protocol.MaxData + 1 {
		steps = append(steps, prints(line))
		batch.Steps = append(batch.Steps, execution.Step{Name: fmt.Sprint(i), Program: "one", Keep: 1 << 20})
	}
	report, err := (&script{tools: []*script{tool(steps...)}}).work(t, batch)
	if err != nil {
		t.Fatal(err)
	}
	for i := range report.Steps {
		if !report.Steps[i].Whole() {
			t.Errorf("output %d has %d bytes", i, len(report.Steps[i].Output))
		}
	}
}

// Only what has to lie there at the same time needs room at the same time.
func TestOutputsAreHeldNoLongerThanTheyAreNeeded(t *testing.T) {
	line := strings.Repeat("x", 40<<10)
	pass := func(rounds int) (*execution.BatchReport, error) {
		var steps []step
		batch := execution.Batch{Programs: programs("one")}
		for i := range rounds {
			steps = append(steps, prints(line), prints(""))
			batch.Steps = append(batch.Steps, made(fmt.Sprint("make ", i), "one", ""), made(fmt.Sprint("use ", i), "one", fmt.Sprint("make ", i)))
		}
		return (&script{tools: []*script{tool(steps...)}}).work(t, batch)
	}
	if report, err := pass(100); err != nil || strings.Contains(ended(report), "JE") {
		t.Fatalf("got %v, %v", report, err)
	}
	// lab gives 1 MiB of room.
	var steps []step
	batch := execution.Batch{Programs: programs("one")}
	for i := range 30 {
		steps = append(steps, prints(line))
		batch.Steps = append(batch.Steps, made(fmt.Sprint("make ", i), "one", ""))
	}
	for i := range 30 {
		steps = append(steps, prints(""))
		batch.Steps = append(batch.Steps, made(fmt.Sprint("use ", i), "one", fmt.Sprint("make ", i)))
	}
	report, err := (&script{tools: []*script{tool(steps...)}}).work(t, batch)
	if err != nil {
		t.Fatal(err)
	}
	fits, over := report.Steps[24], report.Steps[29]
	if fits.Verdict != problem.Accepted || over.Verdict != problem.JudgeError || over.Detail != errNoRoom.Error() || report.Steps[59].Verdict != "" {
		t.Errorf("got %+v and %+v", fits, over)
	}
}

func TestAStepHasGenerousLimitsUnlessItSaysOthers(t *testing.T) {
	one := tool(prints("1"), prints("2"))
	_, err := (&script{tools: []*script{one}}).work(t, execution.Batch{Programs: programs("one"), Steps: []execution.Step{
		{Name: "a", Program: "one", Args: []string{"x", "y z"}},
		{Name: "b", Program: "one", Limits: problem.Limits{Time: time.Second, MemoryBytes: 64 << 20}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if l := one.asked[1].Limits; l.CPU != 10*time.Second || l.MemoryBytes != 1<<30 || fmt.Sprintf("%q", one.asked[1].Argv) != `["./main" "x" "y z"]` {
		t.Errorf("got %+v", one.asked[1])
	}
	if l := one.asked[2].Limits; l.CPU != time.Second || l.MemoryBytes != 64<<20 {
		t.Errorf("got %+v", l)
	}
}

func TestWhatMakesNoSenseIsRefusedBeforeAnythingRuns(t *testing.T) {
	one := programs("one")
	step := func(change func(*execution.Step)) []execution.Step {
		s := execution.Step{Name: "a", Program: "one"}
		change(&s)
		return []execution.Step{s}
	}
	for name, batch := range map[string]execution.Batch{
		"an unknown program":             {Programs: one, Steps: step(func(s *execution.Step) { s.Program = "two" })},
		"a step without a name":          {Programs: one, Steps: step(func(s *execution.Step) { s.Name = "" })},
		"two steps of one name":          {Programs: one, Steps: append(step(func(*execution.Step) {}), step(func(*execution.Step) {})...)},
		"two programs of one name":       {Programs: append(one, one...)},
		"a program without a name":       {Programs: programs("")},
		"an unknown language":            {Programs: []problem.Program{{Name: "one", Language: "cobol"}}, Steps: step(func(*execution.Step) {})},
		"an unknown step's output":       {Programs: one, Steps: step(func(s *execution.Step) { s.Input = execution.Made("b") })},
		"its own output":                 {Programs: one, Steps: step(func(s *execution.Step) { s.Input = execution.Made("a") })},
		"an unknown checker":             {Programs: one, Checker: byChecker},
		"an unknown protocol":            {Programs: one, Checker: problem.Checker{Program: "one", Protocol: "handshake"}},
		"neither program nor output":     {Steps: step(func(s *execution.Step) { s.Program = "" })},
		"an output and nothing else":     {Steps: step(func(s *execution.Step) { s.Program, s.Output = "", execution.Text("") })},
		"both program and output":        {Programs: one, Steps: step(func(s *execution.Step) { s.Output = execution.Text("") })},
		"less than nothing to keep":      {Programs: one, Steps: step(func(s *execution.Step) { s.Keep = -1 })},
		"arguments without end":          {Programs: one, Steps: step(func(s *execution.Step) { s.Args = []string{strings.Repeat("x", 1<<20)} })},
		"a file with a path":             {Programs: []problem.Program{{Name: "one", Language: "cpp", Files: map[string]string{"../x": ""}}}},
		"a file in place of the program": {Programs: []problem.Program{{Name: "one", Language: "cpp", Files: map[string]string{"main.cpp": ""}}}, Steps: step(func(*execution.Step) {})},
	} {
		s := &script{}
		if report, err := s.work(t, batch); err == nil || len(s.asked) > 0 {
			t.Errorf("%s: got %+v", name, report)
		}
	}
}

type unreadable struct{}

var errUnreadable = errors.New("the disk is away")

func (unreadable) Open() (io.ReadCloser, error) { return nil, errUnreadable }

type torn struct{}

func (torn) Open() (io.ReadCloser, error) { return io.NopCloser(tornReader{}), nil }

type tornReader struct{}

func (tornReader) Read([]byte) (int, error) { return 0, errUnreadable }

func TestAContentThatCannotBeReadIsNobodysFault(t *testing.T) {
	for name, content := range map[string]execution.Content{"from the beginning": unreadable{}, "later on": torn{}} {
		for where, s := range map[string]execution.Step{
			"an input":  {Name: "a", Program: "one", Input: content},
			"an answer": {Name: "a", Program: "one", Answer: content},
			"an output": {Name: "a", Output: content, Answer: execution.Text("1")},
		} {
			batch := execution.Batch{Programs: programs("one"), Steps: []execution.Step{s}}
			if report, err := (&script{tools: []*script{tool(prints("1"))}}).work(t, batch); !errors.Is(err, errUnreadable) {
				t.Errorf("%s %s: got %+v, %v", where, name, report, err)
			}
		}
		req := request()
		req.Tests = []execution.Test{{Name: "one", Input: content, Answer: execution.Text("1")}}
		s := &script{programs: [][]step{{prints("1")}}}
		if report, err := s.judge(t, req); !errors.Is(err, errUnreadable) {
			t.Errorf("a test's input %s: got %+v, %v", name, report, err)
		}
	}
}

func TestACancelledBatchHasNoReport(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	one := tool(hangs...)
	s := &script{tools: []*script{one}}
	go func() {
		time.Sleep(10 * time.Millisecond)
		cancel()
	}()
	if report, err := Work(ctx, execution.Batch{Programs: programs("one"), Steps: []execution.Step{made("a", "one", "")}}, lab(t, s)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v", report, err)
	}
	one.agents.Wait()
}

// FuzzTool lets a tool's agent say anything: a later tool's result is what its
// own agent says, and no output is longer than what was said.
func FuzzTool(f *testing.F) {
	f.Add([]byte("O\x00\x00\x00\x011R\x00\x00\x00\x02{}"))
	f.Add([]byte("A\x00\x00\x00\x00R\x00\x00\x00\x02{}R\x00\x00\x00\x02{}"))
	f.Add([]byte("R\x00\x00\x00\x04null"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		first, second := tool(step{raw: raw, gone: true}), tool(prints("2"))
		s := &script{tools: []*script{first, second}}
		report, err := Work(context.Background(), execution.Batch{Programs: programs("one", "two"), Steps: []execution.Step{
			{Name: "a", Program: "one", Keep: 1 << 10}, {Name: "b", Program: "two", Answer: execution.Text("2"), Keep: 10},
		}}, lab(t, s))
		s.wait([]*script{first, second})
		if err != nil {
			t.Fatal(err)
		}
		if a := report.Steps[0]; a.Size > int64(len(raw)) || len(a.Output) > len(raw) {
			t.Fatalf("%q gave %+v", raw, a)
		}
		if b := report.Steps[1]; b.Verdict != problem.Accepted || string(b.Output) != "2" {
			t.Fatalf("%q gave the next tool %+v", raw, b)
		}
	})
}

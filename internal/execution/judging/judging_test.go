package judging

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// step is what a scripted agent does when it is asked once.
type step struct {
	// output is passed on before the result.
	output string
	result protocol.Result
	// raw is said instead of both.
	raw []byte
	// unread: it goes without having read the input.
	unread bool
	// gone: it ends after that.
	gone bool
}

// ends is an agent's end at once.
var ends = step{unread: true, gone: true}

// hangs is an agent that says nothing and waits for the judge.
var hangs = []step{{raw: []byte{}}, {}}

func prints(output string) step { return step{output: output} }

func gives(result protocol.Result) step { return step{result: result} }

// script plays agents: each program in turn, over the real wire.
type script struct {
	compile []step
	// programs are the steps of one agent each.
	programs [][]step
	// tools are the tools in the order of their turns; after those there is no
	// sandbox for more.
	tools []*script
	// dumb agents never say that they are ready.
	dumb bool
	err  error

	started int
	asked   []protocol.Exec
	// turns are those that were taken, alone or not.
	turns  []bool
	agents sync.WaitGroup
}

// Apart implements Sandbox.
func (s *script) Apart(toolchain.Toolchain) Agents { return s }

// Tool implements Sandbox.
func (s *script) Tool(context.Context, toolchain.Toolchain) (Agents, error) {
	if len(s.tools) == 0 {
		return nil, ErrNoMore
	}
	next := s.tools[0]
	s.tools = s.tools[1:]
	return next, nil
}

// Turn implements Sandbox.
func (s *script) Turn(_ context.Context, alone bool) (func(), error) {
	s.turns = append(s.turns, alone)
	return func() {}, nil
}

// lab is one at the reference's speed.
func lab(t testing.TB, s Sandbox) Lab {
	t.Helper()
	return Lab{Sandbox: s, Scratch: t.TempDir(), Room: 1 << 20, Speed: func() float64 { return 1 }}
}

func (s *script) Compiler(context.Context) (*protocol.Client, error) {
	// The first is for the file.
	return s.play(append([]step{{}}, s.compile...)), s.err
}

func (s *script) Program(context.Context) (*protocol.Client, error) {
	if s.started >= len(s.programs) {
		return nil, errors.New("no more agents")
	}
	s.started++
	return s.play(s.programs[s.started-1]), nil
}

func (s *script) play(steps []step) *protocol.Client {
	ours, theirs := net.Pipe()
	s.agents.Go(func() {
		defer func() { _ = theirs.Close() }()
		if s.dumb || protocol.Write(theirs, protocol.KindReady, nil) != nil {
			return
		}
		in := bufio.NewReader(theirs)
		for _, step := range steps {
			if !s.act(theirs, in, step) {
				return
			}
		}
	})
	return protocol.NewClient(ours)
}

// act plays one step and tells whether the agent lives on.
func (s *script) act(conn net.Conn, in *bufio.Reader, step step) bool {
	request, err := protocol.Read(in)
	if err != nil || step.unread {
		return false
	}
	if request.Kind == protocol.KindExec {
		var exec protocol.Exec
		_ = json.Unmarshal(request.Payload, &exec)
		s.asked = append(s.asked, exec)
	}
	if request.Kind == protocol.KindExec || request.Kind == protocol.KindFile {
		for frame := (protocol.Frame{}); frame.Kind != protocol.KindInputEnd; {
			if frame, err = protocol.Read(in); err != nil {
				return false
			}
		}
	}
	if step.raw != nil {
		_, _ = conn.Write(step.raw)
		return !step.gone
	}
	if step.output != "" {
		_ = protocol.Write(conn, protocol.KindOutput, []byte(step.output))
	}
	if step.gone {
		return false
	}
	return protocol.WriteJSON(conn, protocol.KindResult, step.result) == nil
}

var threeTests = []execution.Test{
	{Name: "one", Input: execution.Text("1"), Answer: execution.Text("1\n")}, {Name: "two", Input: execution.Text("2"), Answer: execution.Text("2\n")}, {Name: "three", Input: execution.Text("3"), Answer: execution.Text("3\n")},
}

func request() execution.Request {
	return execution.Request{
		Key: "uid/1/solve/1", Language: "cpp", Source: "int main() {}", Tests: threeTests,
		Limits: problem.Limits{Time: time.Second, MemoryBytes: 64 << 20},
	}
}

// wait until all agents are gone.
func (s *script) wait(tools []*script) {
	s.agents.Wait()
	for _, tool := range tools {
		tool.agents.Wait()
	}
}

func (s *script) judge(t *testing.T, req execution.Request) (*problem.Report, error) {
	t.Helper()
	if s.compile == nil {
		s.compile = []step{{}}
	}
	tools := s.tools
	report, err := Run(t.Context(), req, lab(t, s))
	s.wait(tools)
	if (report == nil) == (err == nil) {
		t.Fatalf("got %+v and %v", report, err)
	}
	return report, err
}

// verdicts are those of each test, shortened to a line.
func verdicts(r *problem.Report) string {
	line := fmt.Sprintf("%s %d/%d:", r.Verdict, r.Passed, r.Total)
	for _, test := range r.Tests {
		line += " " + string(test.Verdict)
	}
	return line
}

func TestAnAgentThatDiesCostsOneTest(t *testing.T) {
	forged := []byte("R\x00\x00\x00\x02{}")
	tests := []struct {
		name     string
		programs [][]step
		want     string
	}{
		{"never", [][]step{{prints("1"), prints("2"), prints("3")}}, "AC 3/3: AC AC AC"},
		{"before it has read the input", [][]step{{ends}, {prints("2"), prints("3")}}, "RTE 2/3: RTE AC AC"},
		{"before it says anything", [][]step{{step{gone: true}}, {prints("2"), prints("3")}}, "RTE 2/3: RTE AC AC"},
		{"after the whole output", [][]step{{step{output: "1", gone: true}}, {prints("2"), prints("3")}}, "RTE 2/3: RTE AC AC"},
		{"in a frame's head", [][]step{{step{raw: forged[:3], gone: true}}, {prints("2"), prints("3")}}, "RTE 2/3: RTE AC AC"},
		{"in a frame", [][]step{{step{raw: forged[:6], gone: true}}, {prints("2"), prints("3")}}, "RTE 2/3: RTE AC AC"},
		{"between two tests", [][]step{{prints("1")}, {prints("3")}}, "RTE 2/3: AC RTE AC"},
		{"on the last test", [][]step{{prints("1"), prints("2"), ends}}, "RTE 2/3: AC AC RTE"},
		{"on every test", [][]step{{ends}, {ends}, {ends}}, "RTE 0/3: RTE RTE RTE"},
		{"after nonsense", [][]step{{step{raw: []byte("nonsense")}}, {prints("2"), prints("3")}}, "RTE 2/3: RTE AC AC"},
		{"after a frame of 4 GB", [][]step{{step{raw: []byte("O\xff\xff\xff\xff")}}, {prints("2"), prints("3")}}, "RTE 2/3: RTE AC AC"},
		{"after a result without output, which the next test notices", [][]step{{step{raw: forged, gone: true}}, {prints("3")}}, "WA 1/3: WA RTE AC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{programs: tt.programs}
			report, err := s.judge(t, request())
			if err != nil || verdicts(report) != tt.want {
				t.Errorf("got %v, %v; want %s", report, err, tt.want)
			}
		})
	}
}

func TestWhatAProgramDidComesBeforeWhatItPrinted(t *testing.T) {
	tests := []struct {
		name   string
		result protocol.Result
		want   problem.Verdict
		detail string
	}{
		{"nothing special", protocol.Result{}, problem.Accepted, ""},
		{"too much CPU time", protocol.Result{Cause: protocol.CauseCPU, Signal: "SIGKILL"}, problem.TimeLimitExceeded, "more than 1s of CPU time"},
		{"slept", protocol.Result{Cause: protocol.CauseIdle, Signal: "SIGKILL"}, problem.TimeLimitExceeded, "asleep or waiting for more than 3s"},
		{"did not come to an end", protocol.Result{Cause: protocol.CauseWall, Signal: "SIGKILL"}, problem.TimeLimitExceeded, "not ended after 20s of wall time"},
		{"too much memory", protocol.Result{Cause: protocol.CauseMemory}, problem.MemoryLimitExceeded, "more than 64 MiB of memory"},
		{"too much output", protocol.Result{Cause: protocol.CauseOutput}, problem.OutputLimitExceeded, "more than 64 MiB of output"},
		{"too many processes", protocol.Result{Cause: protocol.CauseProcesses}, problem.RuntimeError, "more than 64 processes"},
		{"killed by the kernel", protocol.Result{Signal: "SIGKILL"}, problem.MemoryLimitExceeded, "killed by the system, which does so when memory runs out"},
		{"a signal", protocol.Result{Signal: "SIGSEGV"}, problem.RuntimeError, "ended by SIGSEGV"},
		{"an exit code", protocol.Result{ExitCode: 3}, problem.RuntimeError, "exit code 3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := request()
			req.Tests = threeTests[:1]
			s := &script{programs: [][]step{{{output: "1", result: tt.result}}}}
			report, err := s.judge(t, req)
			if err != nil || report.Verdict != tt.want || report.Tests[0].Detail != tt.detail {
				t.Errorf("got %+v, %v; want %s %q", report, err, tt.want, tt.detail)
			}
		})
	}
}

func TestCompiling(t *testing.T) {
	long := strings.Repeat("x", protocol.MaxStderr)
	tests := []struct {
		name    string
		step    step
		want    problem.Verdict
		log     string
		wantErr string
	}{
		{"works", gives(protocol.Result{Stderr: []byte("a warning")}), problem.Accepted, "a warning", ""},
		{"fails", step{output: "also here", result: protocol.Result{ExitCode: 1, Stderr: []byte("no;")}}, problem.CompileError, "no;also here", ""},
		{"crashes", gives(protocol.Result{Signal: "SIGSEGV"}), problem.CompileError, "", ""},
		{"takes too long", gives(protocol.Result{Cause: protocol.CauseCPU, Stderr: []byte(long)}), problem.CompileError, "compiling went beyond its cpu limit", ""},
		{"ends the agent", ends, problem.CompileError, "compiling ended or froze", ""},
		{"is refused", gives(protocol.Result{Error: "no compiler"}), "", "", "no compiler"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := &script{compile: []step{tt.step}, programs: [][]step{{prints("1"), prints("2"), prints("3")}}}
			report, err := s.judge(t, request())
			if tt.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tt.wantErr) {
					t.Errorf("got %v, want an error that says %q and no verdict", err, tt.wantErr)
				}
				return
			}
			if err != nil || report.Verdict != tt.want || !strings.HasPrefix(report.CompileLog, tt.log) || len(report.CompileLog) > maxExcerpt {
				t.Errorf("got %+v, %v", report, err)
			}
			if tt.want == problem.CompileError && s.started > 0 {
				t.Error("a program was run that does not compile")
			}
		})
	}
}

func TestAProgramThatIsTooLongIsACompileError(t *testing.T) {
	req := request()
	req.Source = strings.Repeat("x", maxSource+1)
	s := &script{}
	if report, err := s.judge(t, req); err != nil || report.Verdict != problem.CompileError || report.CompileLog == "" {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestAProgramThatIsTooLargeIsACompileError(t *testing.T) {
	s := &script{programs: [][]step{{gives(protocol.Result{Cause: protocol.CauseFiles})}}}
	report, err := s.judge(t, request())
	if err != nil || verdicts(report) != "CE 0/3:" || !strings.HasPrefix(report.CompileLog, "the compiled program is larger than 64 MiB") {
		t.Errorf("got %+v, %v", report, err)
	}
	// Whoever says so after a run is no agent of ours.
	s = &script{programs: [][]step{{prints("1"), gives(protocol.Result{Cause: protocol.CauseFiles}), prints("3")}}}
	if report, err := s.judge(t, request()); err != nil || verdicts(report) != "RTE 2/3: AC RTE AC" {
		t.Errorf("got %+v, %v", report, err)
	}
}

// lonely are agents of a pod: what is gone stays gone.
type lonely struct{ script }

func (l *lonely) Apart(toolchain.Toolchain) Agents { return l }

func (l *lonely) Program(ctx context.Context) (*protocol.Client, error) {
	if l.started > 0 {
		return nil, ErrNoMore
	}
	return l.script.Program(ctx)
}

func TestTheOnlyAgentIsNotReplaced(t *testing.T) {
	tests := []struct {
		name    string
		compile []step
		program []step
		want    string
		lost    bool
	}{
		{"never ended", []step{{}}, []step{prints("1"), prints("2"), prints("3")}, "AC 3/3: AC AC AC", false},
		{"ended on the second test", []step{{}}, []step{prints("1"), ends}, "RTE 1/3: AC RTE", true},
		{"ended on the last test", []step{{}}, []step{prints("1"), prints("2"), ends}, "RTE 2/3: AC AC RTE", true},
		{"ended by compiling", []step{ends}, nil, "CE 0/3:", true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := &lonely{script{compile: tt.compile, programs: [][]step{tt.program}}}
			report, err := Run(t.Context(), request(), lab(t, l))
			l.agents.Wait()
			if err != nil || verdicts(report) != tt.want || report.SandboxLost != tt.lost {
				t.Errorf("got %+v, %v", report, err)
			}
		})
	}
}

func TestEveryTestFindsTheFolderOfTheFirst(t *testing.T) {
	s := &script{programs: [][]step{{prints("1"), prints("2"), prints("3")}}}
	if _, err := s.judge(t, request()); err != nil {
		t.Fatal(err)
	}
	for i, asked := range s.asked {
		if asked.Restore != (i > 0) {
			t.Errorf("request %d: restore is %t; only compiling may leave something", i, asked.Restore)
		}
	}
}

func TestJudgingStopsAtTheFirstFailureWhereAskedTo(t *testing.T) {
	for stop, want := range map[bool]string{true: "WA 1/3: AC WA", false: "WA 2/3: AC WA AC"} {
		req := request()
		req.StopAtFirst = stop
		s := &script{programs: [][]step{{prints("1"), prints("0"), prints("3")}}}
		if report, err := s.judge(t, req); err != nil || verdicts(report) != want {
			t.Errorf("got %+v, %v; want %s", report, err, want)
		}
	}
}

func TestTheMachinesFaultIsNoVerdict(t *testing.T) {
	refuses := gives(protocol.Result{Error: "no interpreter"})
	noTests := request()
	noTests.Tests = nil
	tests := []struct {
		name string
		s    *script
		req  execution.Request
	}{
		{"no agent can be had", &script{}, request()},
		{"agents do not start", &script{dumb: true}, request()},
		{"the program cannot be started", &script{programs: [][]step{{refuses}}}, request()},
		{"there are no tests", &script{}, noTests},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if report, err := tt.s.judge(t, tt.req); err == nil {
				t.Errorf("got %+v, want an error", report)
			}
		})
	}
}

func TestAProgramThatRemovedItselfIsNotTheMachinesFault(t *testing.T) {
	refuses := gives(protocol.Result{Error: "start ./main: no such file"})
	s := &script{programs: [][]step{{prints("1"), refuses, refuses}}}
	if report, err := s.judge(t, request()); err != nil || verdicts(report) != "RTE 1/3: AC RTE RTE" {
		t.Errorf("got %+v, %v", report, err)
	}
}

func TestACancelledJudgingIsNoVerdict(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := &script{compile: []step{{}}}
	s.programs = [][]step{hangs}
	go func() {
		time.Sleep(10 * time.Millisecond)
		cancel()
	}()
	if report, err := Run(ctx, request(), lab(t, s)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %+v, %v", report, err)
	}
	s.agents.Wait()
}

func TestAReportIsBounded(t *testing.T) {
	junk := strings.Repeat("\xff\x00", 32<<10)
	req := request()
	req.Tests = threeTests[:1]
	s := &script{programs: [][]step{{{output: junk, result: protocol.Result{Stderr: []byte(junk[:protocol.MaxStderr]), ExitCode: 1}}}}}
	report, err := s.judge(t, req)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(report)
	if got := report.Tests[0]; err != nil || len(got.Output) > maxExcerpt || len(got.Stderr) > maxExcerpt || len(raw) > 64<<10 {
		t.Errorf("%d bytes of output, %d of stderr, %d in all, %v", len(got.Output), len(got.Stderr), len(raw), err)
	}
}

func TestACompilerAndAProgramHaveTheirOwnLimits(t *testing.T) {
	req := request()
	req.Tests = threeTests[:1]
	s := &script{programs: [][]step{{prints("1")}}}
	if _, err := s.judge(t, req); err != nil {
		t.Fatal(err)
	}
	compile, run := s.asked[0].Limits, s.asked[1].Limits
	if compile != compileLimits || run.CPU != 1200*time.Millisecond || run.MemoryBytes != 64<<20 || run.Wall <= run.Idle || run.Idle <= run.CPU {
		t.Errorf("compiled under %+v, run under %+v", compile, run)
	}
}

// FuzzAgent lets the program's agent say anything: there is always a report,
// and no test is accepted whose output was not said.
func FuzzAgent(f *testing.F) {
	f.Add([]byte("O\x00\x00\x00\x011R\x00\x00\x00\x02{}"))
	f.Add([]byte("R\x00\x00\x00\x02{}"))
	f.Add([]byte("R\x00\x00\x00\x04null"))
	f.Add([]byte("O\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		req := request()
		req.Tests = []execution.Test{{Name: "one", Input: execution.Text("1"), Answer: execution.Text("37707\n")}}
		s := &script{compile: []step{{}}, programs: [][]step{{{raw: raw, gone: true}}}}
		report, err := Run(context.Background(), req, lab(t, s))
		s.agents.Wait()
		var refused *protocol.RefusedError
		if err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if err == nil && report.Verdict == problem.Accepted && !strings.Contains(string(raw), "0") {
			t.Fatalf("%q was accepted", raw)
		}
	})
}

func TestExcerptsAreValidTextWithinTheirBound(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "short": "1 2\n", "long": strings.Repeat("x", 2*maxExcerpt), "no text": strings.Repeat("\xffa", maxExcerpt),
		"a letter across the bound": strings.Repeat("x", maxExcerpt-1) + "é",
	} {
		got := bounded(text)
		if len(got) > maxExcerpt || strings.ToValidUTF8(got, "") != got {
			t.Errorf("%s: %d bytes, %q", name, len(got), got[max(0, len(got)-10):])
		}
	}
}

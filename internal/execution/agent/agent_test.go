package agent

import (
	"bytes"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// TestMain lets this test program be the agent's helper, and the reaper that
// an agent is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && IsCommand(os.Args[1]) {
		os.Exit(Main(os.Args[1:]))
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// room is enough for every program that is not meant to go beyond it.
var room = protocol.Limits{
	CPU: 30 * time.Second, Idle: 30 * time.Second, Wall: time.Minute, MemoryBytes: 256 << 20,
	StackBytes: 8 << 20, OutputBytes: 1 << 20, FileBytes: 1 << 20, Processes: 32,
}

// agentAt serves an agent in a new folder. Every process below this one is
// taken for its program's, so there can be one at a time.
func agentAt(t testing.TB) *protocol.Client {
	t.Helper()
	return agentIn(t, t.TempDir())
}

func agentIn(t testing.TB, folder string) *protocol.Client {
	t.Helper()
	t.Chdir(folder)
	ours, theirs := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(theirs) }()
	client := protocol.NewClient(ours)
	if err := client.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		if err := <-served; err != nil {
			t.Log("the agent:", err)
		}
		if left := descendants(os.Getpid()); len(left) > 0 {
			t.Errorf("left behind: %+v", left)
		}
	})
	return client
}

func shell(script string, limits protocol.Limits) protocol.Exec {
	return protocol.Exec{Argv: []string{"sh", "-c", script}, Limits: limits}
}

func python(script string, limits protocol.Limits) protocol.Exec {
	return protocol.Exec{Argv: []string{"/usr/bin/python3", "-S", "-c", script}, Limits: limits}
}

// runOn runs a program that has to come back with a result.
func runOn(t testing.TB, client *protocol.Client, exec protocol.Exec, input string) (*protocol.Result, string) {
	t.Helper()
	var output bytes.Buffer
	result, err := client.Exec(t.Context(), exec, strings.NewReader(input), &output)
	if err != nil {
		t.Fatal(err)
	}
	return result, output.String()
}

func with(change func(*protocol.Limits)) protocol.Limits {
	l := room
	change(&l)
	return l
}

func TestEveryLimitEndsAProgram(t *testing.T) {
	little := func(l *protocol.Limits) {
		l.CPU, l.Idle, l.Wall, l.MemoryBytes, l.Processes = 300*time.Millisecond, 300*time.Millisecond, time.Minute, 64<<20, 8
	}
	big := strings.Repeat("0123456789abcde\n", 20<<20/16)
	tests := []struct {
		name  string
		exec  protocol.Exec
		input string
		want  protocol.Cause
	}{
		{"CPU time", shell("while :; do :; done", with(little)), "", protocol.CauseCPU},
		{"CPU time of a child", shell("(while :; do :; done) & wait", with(little)), "", protocol.CauseCPU},
		{"sleep", shell("sleep 1000", with(little)), "", protocol.CauseIdle},
		{"sleep without SIGTERM", shell("trap '' TERM; sleep 1000", with(little)), "", protocol.CauseIdle},
		{"sleep after closing everything", shell("exec <&- >&- 2>&-; sleep 1000", with(little)), "", protocol.CauseIdle},
		{"sleep beside 20 MB of input", shell("sleep 1000", with(little)), big, protocol.CauseIdle},
		{"a stop of itself", shell("kill -STOP $$", with(little)), "", protocol.CauseIdle},
		{"wall time", shell("while :; do sleep 0.01; done", with(func(l *protocol.Limits) { l.Wall = 300 * time.Millisecond })), "", protocol.CauseWall},
		{"memory", python("x = b'x' * (128 << 20)\nwhile True: pass", with(func(l *protocol.Limits) { l.MemoryBytes = 64 << 20 })), "", protocol.CauseMemory},
		{"memory for a moment", python("x = b'x' * (128 << 20)", with(func(l *protocol.Limits) { l.MemoryBytes = 64 << 20 })), "", protocol.CauseMemory},
		{"memory of several", python("import os, time\nfor i in range(4):\n    if os.fork() == 0:\n        x = b'x' * (24 << 20)\n        time.sleep(1000)\nos.wait()", with(func(l *protocol.Limits) { l.MemoryBytes = 64 << 20 })), "", protocol.CauseMemory},
		{"output", shell("yes", room), "", protocol.CauseOutput},
		{"a file", shell("exec head -c 2000000 /dev/zero > file", room), "", protocol.CauseOutput},
		{"processes", shell("for i in 1 2 3 4 5 6 7 8 9; do sleep 1000 & done; wait", with(little)), "", protocol.CauseProcesses},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client := agentAt(t)
			result, output := runOn(t, client, tt.exec, tt.input)
			if result.Cause != tt.want || int64(len(output)) > room.OutputBytes {
				t.Errorf("got %+v and %d bytes of output, want the limit on %s to act", result, len(output), tt.want)
			}
			if again, _ := runOn(t, client, shell("exit 7", room), ""); again.ExitCode != 7 || again.Cause != "" {
				t.Errorf("the next run gave %+v", again)
			}
		})
	}
}

func TestAProgramEndsByItself(t *testing.T) {
	big := strings.Repeat("x", 4<<20)
	tests := []struct {
		name   string
		script string
		input  string
		want   protocol.Result
		output string
	}{
		{"well", "cat", "1 2\n", protocol.Result{}, "1 2\n"},
		{"without reading a long input", "echo 1", big, protocol.Result{}, "1\n"},
		{"in the middle of a long input", "head -c 10", big, protocol.Result{}, "xxxxxxxxxx"},
		{"with an exit code", "exit 255", "", protocol.Result{ExitCode: 255}, ""},
		{"by a signal", "kill -SEGV $$", "", protocol.Result{Signal: "SIGSEGV"}, ""},
		{"by SIGKILL", "kill -KILL $$", "", protocol.Result{Signal: "SIGKILL"}, ""},
		{"with a child that holds its output", "sleep 1000 & echo 1", "", protocol.Result{}, "1\n"},
		{"with a daemon in its own session", "(setsid sh -c 'setsid sleep 1000 & sleep 1000' &); echo 1", "", protocol.Result{}, "1\n"},
		{"after closing its output", "echo 1; exec >&-; sleep 0.1", "", protocol.Result{}, "1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			result, output := runOn(t, agentAt(t), shell(tt.script, room), tt.input)
			if result.ExitCode != tt.want.ExitCode || result.Signal != tt.want.Signal || result.Cause != "" || output != tt.output {
				t.Errorf("got %+v and %q", result, output)
			}
		})
	}
}

func TestTheErrorOutputIsKeptAtOneEnd(t *testing.T) {
	client := agentAt(t)
	exec := shell("echo the beginning >&2; head -c 100000 /dev/zero | tr '\\0' x >&2; echo the end >&2", room)
	tail, _ := runOn(t, client, exec, "")
	exec.StderrHead = true
	head, _ := runOn(t, client, exec, "")
	if len(tail.Stderr) != protocol.MaxStderr || !strings.HasSuffix(string(tail.Stderr), "the end\n") {
		t.Errorf("the end: %d bytes, %.20q…", len(tail.Stderr), tail.Stderr)
	}
	if len(head.Stderr) != protocol.MaxStderr || !strings.HasPrefix(string(head.Stderr), "the beginning\n") {
		t.Errorf("the beginning: %d bytes, %.20q…", len(head.Stderr), head.Stderr)
	}
}

func TestTheHelpersOwnUseIsNotThePrograms(t *testing.T) {
	// The helper is this program and takes more than that with -race; a shell
	// takes 2 MB.
	result, _ := runOn(t, agentAt(t), shell("sleep 0.1", room), "")
	if result.PeakBytes <= 0 || result.PeakBytes > 8<<20 {
		t.Errorf("the shell took %d bytes", result.PeakBytes)
	}
}

func TestMemoryThatProcessesShareCountsOnce(t *testing.T) {
	const script = "import os, time\nx = b'x' * (64 << 20)\nfor i in range(4):\n    if os.fork() == 0:\n        time.sleep(0.2)\n        os._exit(0)\nfor i in range(4):\n    os.wait()\n"
	result, _ := runOn(t, agentAt(t), python(script, with(func(l *protocol.Limits) { l.MemoryBytes = 128 << 20 })), "")
	if result.Cause != "" || result.ExitCode != 0 {
		t.Errorf("got %+v", result)
	}
}

func TestTimeOfChildrenThatNobodyWaitsForCounts(t *testing.T) {
	const script = "import os, signal, time\nsignal.signal(signal.SIGCHLD, signal.SIG_IGN)\nwhile True:\n    if os.fork() == 0:\n        start = time.process_time()\n        while time.process_time() < start + 0.1: pass\n        os._exit(0)\n    try: os.wait()\n    except ChildProcessError: pass\n"
	result, _ := runOn(t, agentAt(t), python(script, with(func(l *protocol.Limits) { l.CPU = 500 * time.Millisecond })), "")
	if result.Cause != protocol.CauseCPU {
		t.Errorf("got %+v", result)
	}
}

func TestAProgramInheritsNothing(t *testing.T) {
	open, err := unix.Dup(0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Close(open) }()
	_, output := runOn(t, agentAt(t), shell("ls /proc/self/fd | tr '\\n' ' '; ulimit -n; ulimit -c; grep -c 'NoNewPrivs:.1' /proc/self/status", room), "")
	// The fourth file is the folder that ls reads.
	if output != "0 1 2 3 256\n0\n1\n" {
		t.Errorf("got %q", output)
	}
}

func TestTheAgentRefusesWhatItCannotDo(t *testing.T) {
	client := agentAt(t)
	// A shell would run it.
	runOn(t, client, shell("echo 'exit 0' > text; chmod +x text", room), "")
	for name, exec := range map[string]protocol.Exec{
		"no command":                {Limits: room},
		"no such program":           {Argv: []string{"there-is-none"}, Limits: room},
		"a file that is not":        {Argv: []string{"./main"}, Limits: room},
		"a file that is no program": {Argv: []string{"./text"}, Limits: room},
	} {
		t.Run(name, func(t *testing.T) {
			result, err := client.Exec(t.Context(), exec, strings.NewReader("input"), &bytes.Buffer{})
			if err == nil || !strings.Contains(err.Error(), "the agent could not") {
				t.Errorf("got %+v, %v", result, err)
			}
		})
	}
	if result, _ := runOn(t, client, shell("exit 7", room), ""); result.ExitCode != 7 {
		t.Errorf("the agent is not as good as before: %+v", result)
	}
}

func TestFilesHavePlainNames(t *testing.T) {
	client := agentAt(t)
	for _, name := range []string{"../x", "a/b", "", ".", "..", "/"} {
		if err := client.PutFile(t.Context(), protocol.File{Name: name}, strings.NewReader("x")); err == nil {
			t.Errorf("%q was stored", name)
		}
	}
	if err := client.PutFile(t.Context(), protocol.File{Name: "main.py"}, strings.NewReader("x")); err != nil {
		t.Error(err)
	}
	if raw, err := os.ReadFile("main.py"); err != nil || string(raw) != "x" {
		t.Errorf("got %q, %v", raw, err)
	}
}

func TestAJudgeThatGoesEndsTheProgram(t *testing.T) {
	for name, script := range map[string]string{
		"during a silent run": "sleep 1000",
		"during output":       "yes",
		"with a daemon":       "(setsid sleep 1000 &); sleep 1000",
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			ours, theirs := net.Pipe()
			served := make(chan error, 1)
			go func() { served <- Serve(theirs) }()
			go func() {
				// Gone as soon as the program has been seen.
				for len(living(descendants(os.Getpid()))) == 0 {
					time.Sleep(time.Millisecond)
				}
				_ = ours.Close()
			}()
			client := protocol.NewClient(ours)
			if err := client.Ready(t.Context()); err != nil {
				t.Fatal(err)
			}
			if result, err := client.Exec(t.Context(), shell(script, room), strings.NewReader(""), &bytes.Buffer{}); err == nil {
				t.Errorf("got %+v", result)
			}
			if err := <-served; err == nil {
				t.Error("the agent did not notice")
			}
			if left := living(descendants(os.Getpid())); len(left) > 0 {
				t.Errorf("left behind: %+v", left)
			}
		})
	}
}

func TestFramesOutOfPlaceEndTheAgent(t *testing.T) {
	for _, kind := range []protocol.Kind{protocol.KindInput, protocol.KindOutput, protocol.KindResult, 0} {
		ours, theirs := net.Pipe()
		served := make(chan error, 1)
		go func() { served <- Serve(theirs) }()
		if _, err := protocol.Read(ours); err != nil {
			t.Fatal(err)
		}
		if err := protocol.Write(ours, kind, nil); err != nil {
			t.Fatal(err)
		}
		if err := <-served; err == nil {
			t.Errorf("%q was obeyed", kind)
		}
		_ = ours.Close()
	}
}

func TestParseStat(t *testing.T) {
	const rest = " S 7 2 2 0 -1 0 0 0 0 0 11 12 13 14 20 0 3 0 99 1000 5 0"
	want := process{
		identity: identity{42, 99}, parent: 7, state: 'S', threads: 3,
		cpu: 230 * time.Millisecond, waited: 270 * time.Millisecond, rss: 5 * int64(os.Getpagesize()),
	}
	for name, line := range map[string]string{
		"a plain name":           "42 (main)" + rest,
		"a name that looks so":   "42 (a) R 1 1 1)" + rest,
		"a name of several rows": "42 (a\nb)" + rest,
	} {
		if got, ok := parseStat(42, []byte(line)); !ok || got != want {
			t.Errorf("%s: got %+v", name, got)
		}
	}
	for _, line := range []string{"", "42 (main", "42 (main) S 1"} {
		if got, ok := parseStat(42, []byte(line)); ok {
			t.Errorf("%q: got %+v", line, got)
		}
	}
}

// BenchmarkLook is what the watcher takes every 5 ms, on a machine with as
// many processes as this has.
func BenchmarkLook(b *testing.B) {
	b.Chdir(b.TempDir())
	r, err := start(shell("while :; do :; done", room), false)
	if err != nil {
		b.Fatal(err)
	}
	for name, scan := range map[string]bool{"the program": false, "everything": true} {
		b.Run(name, func(b *testing.B) {
			w := &watcher{run: r, spent: map[identity]time.Duration{}}
			for b.Loop() {
				w.nextScan = time.Now().Add(time.Hour)
				if scan {
					w.nextScan = time.Time{}
				}
				w.look(time.Now())
			}
			b.ReportMetric(float64(len(numbers("/proc"))), "processes")
		})
	}
	r.kill(protocol.CauseWall)
	if _, err := r.wait(func([]byte) error { return nil }); err != nil {
		b.Fatal(err)
	}
}

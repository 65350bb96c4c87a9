package agent

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// put stores a file for the next run only.
func put(t testing.TB, client *protocol.Client, name, content string) {
	t.Helper()
	if err := client.PutFile(t.Context(), protocol.File{Name: name, Once: true}, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

func restored(script string, folders ...string) protocol.Exec {
	exec := shell(script, room)
	exec.Restore, exec.Folders = true, folders
	return exec
}

func TestAFileForOneRunIsThereForThatRunOnly(t *testing.T) {
	big := strings.Repeat("0123456789abcde\n", 1<<20/16+1)
	for where, folder := range folders(t) {
		t.Run(where, func(t *testing.T) {
			client := agentIn(t, folder)
			laidOut(t)
			before := listing(t)
			for name, exec := range map[string]protocol.Exec{
				"left alone":     restored("test $(wc -c < input) = $(($(wc -c < output))) && test -d feedback", "feedback"),
				"removed":        restored("rm -r input output feedback", "feedback"),
				"made something": restored("rm input && mkdir -p input/a && chmod 0 input && touch feedback/note; chmod 0 feedback .", "feedback"),
				"a link":         restored("ln -sf /etc/passwd input; ln -f main output"),
				"a new program":  restored("cp input main; chmod 700 main"),
			} {
				put(t, client, "input", big)
				put(t, client, "output", big)
				if result, _ := runOn(t, client, exec, ""); result.ExitCode != 0 || result.Cause != "" {
					t.Errorf("%s: got %+v", name, result)
				}
				if after := listing(t); after != before {
					t.Errorf("%s: found\n%s\nwant\n%s", name, after, before)
				}
			}
		})
	}
}

// A program may be called like a file of its run.
func TestAFileForOneRunMayHideTheProgramsOwn(t *testing.T) {
	client := agentAt(t)
	laidOut(t)
	before := listing(t)
	put(t, client, "link", "x")
	put(t, client, "read-only", "y")
	if result, output := runOn(t, client, restored("cat link read-only main"), ""); result.ExitCode != 0 || output != "xythe program" {
		t.Errorf("got %+v and %q", result, output)
	}
	if after := listing(t); after != before {
		t.Errorf("found\n%s\nwant\n%s", after, before)
	}
}

func TestFilesOfARunThatCannotStartAreGoneToo(t *testing.T) {
	client := agentAt(t)
	laidOut(t)
	before := listing(t)
	for name, exec := range map[string]protocol.Exec{
		"no such program": {Argv: []string{"there-is-none"}, Limits: room, Restore: true, Folders: []string{"feedback"}},
		"no plain folder": restored("true", "../x"),
		"a folder twice":  restored("true", "feedback", "feedback"),
	} {
		put(t, client, "input", "x")
		if result, err := client.Exec(t.Context(), exec, strings.NewReader("input"), &bytes.Buffer{}); err == nil {
			t.Errorf("%s: got %+v", name, result)
		}
		if after := listing(t); after != before {
			t.Errorf("%s: found\n%s\nwant\n%s", name, after, before)
		}
	}
}

func TestAFileThatCannotBeWrittenIsToldAndNothingElse(t *testing.T) {
	client := agentAt(t)
	if err := os.MkdirAll("full/x", 0o700); err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]protocol.File{"a path": {Name: "full/x/y"}, "no name": {Name: "", Once: true}, "the folder": {Name: "."}} {
		err := client.PutFile(t.Context(), file, strings.NewReader(strings.Repeat("x", 1<<20)))
		if err == nil || client.Broken() {
			t.Errorf("%s: got %v, broken %t", name, err, client.Broken())
		}
	}
	if result, _ := runOn(t, client, shell("exit 7", room), ""); result.ExitCode != 7 {
		t.Errorf("the agent is not as good as before: %+v", result)
	}
}

func TestAResetLeavesNothing(t *testing.T) {
	for where, folder := range folders(t) {
		t.Run(where, func(t *testing.T) {
			client := agentIn(t, folder)
			for name, script := range map[string]string{
				"nothing":      "true",
				"files":        "mkdir -p a/.b; echo x > a/.b/c; ln -s / root; mkfifo pipe",
				"shut folders": "mkdir -p a/b; touch a/b/c; chmod 0 a/b a .",
			} {
				laidOut(t)
				put(t, client, "input", "x")
				runOn(t, client, restored("true"), "")
				// This one is not put back.
				runOn(t, client, shell(script, room), "")
				put(t, client, "left", "x")
				if err := client.Reset(t.Context()); err != nil {
					t.Fatal(err)
				}
				if left := listing(t); left != "" {
					t.Errorf("%s: found\n%s", name, left)
				}
				if info, err := os.Stat("."); err != nil || info.Mode().Perm()&0o700 != 0o700 || info.ModTime().Unix() != 1 {
					t.Errorf("%s: the folder is %v, %v", name, info, err)
				}
				// What is kept now is another program.
				if err := client.PutFile(t.Context(), protocol.File{Name: "main"}, strings.NewReader("another")); err != nil {
					t.Fatal(err)
				}
				if result, output := runOn(t, client, restored("cat main; rm main"), ""); result.ExitCode != 0 || output != "another" {
					t.Errorf("%s: got %+v and %q", name, result, output)
				}
				if now := listing(t); !strings.HasPrefix(now, "main -rw------- \"another\"") {
					t.Errorf("%s: found\n%s", name, now)
				}
				if err := client.Reset(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// A program may lower the limits of its agent, which all later ones inherit.
func TestAnAgentWhoseLimitsWereChangedIsNotReset(t *testing.T) {
	t.Chdir(t.TempDir())
	ours, theirs := net.Pipe()
	served := make(chan error, 1)
	go func() { served <- Serve(theirs) }()
	client := protocol.NewClient(ours)
	if err := client.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_MSGQUEUE, &before); err != nil {
		t.Fatal(err)
	}
	lower := before
	lower.Cur--
	if err := unix.Setrlimit(unix.RLIMIT_MSGQUEUE, &lower); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Setrlimit(unix.RLIMIT_MSGQUEUE, &before) }()
	if err := client.Reset(t.Context()); err == nil || !client.Broken() {
		t.Errorf("got %v", err)
	}
	if err := <-served; err == nil {
		t.Error("the agent lives on")
	}
	_ = ours.Close()
}

// TestProcessesThatAreLeftAreEnded has some that no run of the agent knows.
func TestProcessesThatAreLeftAreEnded(t *testing.T) {
	r, err := start(shell("(setsid sleep 1000 &); exec sleep 1000", room), false)
	if err != nil {
		t.Fatal(err)
	}
	for len(living(descendants(os.Getpid()))) < 2 {
		time.Sleep(time.Millisecond)
	}
	if err := endAll(false); err != nil {
		t.Error(err)
	}
	if _, err := r.wait(func([]byte) error { return nil }); err != nil {
		t.Error(err)
	}
	if left := living(descendants(os.Getpid())); len(left) > 0 {
		t.Errorf("left: %+v", left)
	}
}

func TestPlainNamesHaveNoPath(t *testing.T) {
	for _, name := range []string{"", ".", "..", "/", "a/b", "a/", filepath.Join("..", "x")} {
		if plain(name) == nil {
			t.Errorf("%q is taken for a plain name", name)
		}
	}
}

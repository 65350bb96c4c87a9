// Package pod runs what is in a judging pod as processes of this machine, for
// tests: the judge, and the agents under bubblewrap with the users, the
// read-only root and the folders that their containers have.
package pod

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/execution/podjudge"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// GoCache makes what Pod.GoCache takes, as hack/image-prepare.sh does, for
// programs that use fmt only.
func GoCache(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.Chmod(filepath.Dir(folder), 0o755); err != nil { //nolint:gosec // the agents' users read it
		t.Fatal(err)
	}
	tools, _ := toolchain.Lookup("go")
	command := exec.Command("go", "build", "fmt")
	command.Env = append(append(os.Environ(), tools.Env...), "GOCACHE="+folder)
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return folder
}

// Pod is how pods are made.
type Pod struct {
	// Runner is the program that Build made.
	Runner string
	// GoCache is a compile cache that the agents may read, when not empty.
	GoCache string
	// Bare agents are no process 1, and have no sandbox: a program can end
	// them.
	Bare bool
	// Without leaves the agents out.
	Without bool
	// Deadline is the judge's, a generous one when 0.
	Deadline time.Duration
	// Digest is what the judge is told, the right one when empty.
	Digest string
	// Termination is where the judge writes its last word, a file of the pod
	// when empty.
	Termination string
}

// Outcome is what a pod leaves.
type Outcome struct {
	// Report, Batch or Failure is what the judge said, when it did.
	Report   *problem.Report
	Batch    *execution.BatchReport
	Failure  *parcel.Failure
	Receipt  parcel.Receipt
	ExitCode int
	// MaxRSS is the largest resident memory of the judge, in bytes.
	MaxRSS int64
	// Agents are the ends of the agents, nil for an exit code of 0.
	Agents []error
	// Sockets are the files that are left of them.
	Sockets []string
}

// Available says why there can be no pods here.
func Available() error {
	if _, err := exec.LookPath("bwrap"); err != nil {
		return errors.New("bubblewrap (bwrap) is not installed")
	}
	out, err := exec.Command("bwrap", "--unshare-all", "--ro-bind", "/", "/", "true").CombinedOutput()
	if err != nil {
		return fmt.Errorf("bubblewrap does not work here: %w: %s", err, out)
	}
	return nil
}

// The users of the containers: the judge has the test's.
const firstUser = 70_001

// Judge runs one pod with a request.
func (p Pod) Judge(t testing.TB, req execution.Request) *Outcome {
	t.Helper()
	packed, err := parcel.Pack(req)
	if err != nil {
		t.Fatal(err)
	}
	return p.run(t, packed, false)
}

// Work runs one pod with a batch.
func (p Pod) Work(t testing.TB, batch execution.Batch) *Outcome {
	t.Helper()
	packed, err := parcel.PackBatch(batch)
	if err != nil {
		t.Fatal(err)
	}
	return p.run(t, packed, true)
}

func (p Pod) run(t testing.TB, packed *parcel.Parcel, batch bool) *Outcome {
	t.Helper()
	// A test's own folder has its name, which may be too long for a socket.
	folder, err := os.MkdirTemp("", "pod-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	// The agents' users must get to their sockets.
	if err := os.Chmod(folder, 0o755); err != nil { //nolint:gosec // see above
		t.Fatal(err)
	}
	if p.Digest == "" {
		p.Digest = packed.Digest
	}
	if p.Termination == "" {
		p.Termination = filepath.Join(folder, "termination")
	}
	lay(t, folder, packed)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ends := make(chan error, len(containers))
	for i, name := range containers {
		if p.Without {
			break
		}
		command := p.agent(ctx, folder, name, firstUser+i)
		go func() { ends <- run(command) }()
	}
	outcome := p.judge(ctx, t, folder, batch)
	for range containers {
		if !p.Without {
			outcome.Agents = append(outcome.Agents, <-ends)
		}
	}
	outcome.Sockets, _ = filepath.Glob(filepath.Join(folder, "sockets", "*", "*.sock"))
	return outcome
}

// containers are those of agents.
var containers = []string{"program", "tools"}

// lay makes the volumes.
func lay(t testing.TB, folder string, packed *parcel.Parcel) {
	t.Helper()
	for _, volume := range []string{"request", "scratch", "sockets/program", "sockets/tools", "work-program", "work-tools"} {
		if err := os.MkdirAll(filepath.Join(folder, volume), 0o755); err != nil { //nolint:gosec // others look into sockets
			t.Fatal(err)
		}
	}
	for _, volume := range []string{"request", "scratch"} {
		if err := os.Chmod(filepath.Join(folder, volume), 0o700); err != nil { //nolint:gosec // a folder
			t.Fatal(err)
		}
	}
	for i, chunk := range packed.Chunks {
		if err := os.WriteFile(filepath.Join(folder, "request", strconv.Itoa(i)), chunk, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (p Pod) judge(ctx context.Context, t testing.TB, folder string, batch bool) *Outcome {
	t.Helper()
	deadline := p.Deadline
	if deadline == 0 {
		deadline = 10 * time.Minute
	}
	//nolint:gosec // the runner that Build made
	command := exec.CommandContext(ctx, p.Runner, podjudge.Command,
		"--request", filepath.Join(folder, "request"), "--digest", p.Digest, "--scratch", filepath.Join(folder, "scratch"),
		"--program", filepath.Join(folder, "sockets/program/agent.sock"), "--tools", filepath.Join(folder, "sockets/tools/agent.sock"),
		"--termination", p.Termination, "--deadline", deadline.String())
	var log, complaints bytes.Buffer
	command.Stdout, command.Stderr = &log, &complaints
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	peak := watch(command.Process.Pid)
	err := explained(command.Wait(), &complaints)
	outcome := &Outcome{ExitCode: command.ProcessState.ExitCode(), MaxRSS: peak()}
	if err != nil {
		t.Log("the judge:", err)
		return outcome
	}
	termination, err := os.ReadFile(p.Termination)
	if err != nil {
		t.Fatal(err)
	}
	said, receipt, err := parcel.Read(&log, string(termination), batch)
	if err != nil {
		t.Fatal(err)
	}
	outcome.Report, outcome.Batch, outcome.Failure, outcome.Receipt = said.Report, said.Batch, said.Failure, receipt
	return outcome
}

// run returns what a command says of its failure.
func run(command *exec.Cmd) error {
	var complaints bytes.Buffer
	command.Stderr = &complaints
	return explained(command.Run(), &complaints)
}

func explained(err error, complaints *bytes.Buffer) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %s", err, strings.TrimSpace(complaints.String()))
}

// watch follows the largest resident memory of a process until the result is
// asked for. What wait4 tells of it would count the memory of this process,
// which it was made from.
func watch(pid int) (peak func() int64) {
	over, result := make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		for {
			most = max(most, resident(pid))
			select {
			case <-over:
				result <- most
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() int64 { close(over); return <-result }
}

// resident is the peak since the process became its program.
func resident(pid int) int64 {
	raw, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range bytes.Lines(raw) {
		if fields := bytes.Fields(line); len(fields) > 1 && string(fields[0]) == "VmHWM:" {
			kilobytes, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}

// The bounds of a container's folders, in bytes, as pods have them.
const (
	workBytes = "268435456"
	tempBytes = "536870912"
	shmBytes  = "67108864"
)

func (p Pod) agent(ctx context.Context, folder, name string, user int) *exec.Cmd {
	sockets := filepath.Join(folder, "sockets", name)
	if p.Bare {
		//nolint:gosec // the runner that Build made
		command := exec.CommandContext(ctx, p.Runner, agent.Command, "--socket", filepath.Join(sockets, "agent.sock"))
		command.Dir = filepath.Join(folder, "work-"+name)
		return command
	}
	argv := []string{
		"--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--proc", "/proc", "--dev", "/dev",
		"--size", shmBytes, "--tmpfs", "/dev/shm", "--mqueue", "/dev/mqueue", "--remount-ro", "/dev",
		"--size", tempBytes, "--tmpfs", "/tmp", "--size", workBytes, "--tmpfs", "/work", "--chdir", "/work",
		"--clearenv", "--setenv", "PATH", "/usr/local/go/bin:/usr/local/bin:/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "TMPDIR", "/tmp",
		"--ro-bind", sockets, "/sockets/" + name, "--ro-bind", p.Runner, "/runner",
	}
	for _, root := range []string{"/usr", "/bin", "/lib", "/lib64", "/etc"} {
		argv = append(argv, "--ro-bind-try", root, root)
	}
	if p.GoCache != "" {
		argv = append(argv, "--ro-bind", p.GoCache, "/go-cache", "--setenv", "GOCACHE", "/go-cache")
	}
	argv = append(argv, "--remount-ro", "/", "/runner", agent.Command, "--socket", "/sockets/"+name+"/agent.sock")
	command := exec.CommandContext(ctx, "bwrap", argv...) //nolint:gosec // arguments of ours
	if os.Geteuid() == 0 {
		id := uint32(user) //nolint:gosec // one of two
		command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: id, Gid: id}}
	}
	return command
}

package benchfacade_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// startPatience is how long a program may take to start on a busy machine.
const startPatience = 2 * time.Minute

// process is a program beside this one. It ends with it, however that ends.
type process struct {
	w       *world
	command *exec.Cmd
	ended   chan error
}

func (w *world) start(on *unix.CPUSet, command *exec.Cmd) *process {
	w.b.Helper()
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	w.startOn(on, command)
	p := &process{w: w, command: command, ended: make(chan error, 1)}
	go func() { p.ended <- command.Wait() }()
	w.b.Cleanup(p.kill)
	return p
}

func (p *process) kill() { _ = p.command.Process.Kill() }

// end asks it to end, and waits.
func (p *process) end() {
	p.w.b.Helper()
	p.w.must(p.command.Process.Signal(unix.SIGTERM))
	select {
	case err := <-p.ended:
		p.w.must(err)
	case <-time.After(startPatience):
		p.w.b.Fatalf("%s did not end", p.command.Path)
	}
}

// facade is the real program.
type facade struct {
	*process
	// address is that of the API, operations that of the probes.
	address, operations string
	// ready is how long it took to be.
	ready time.Duration
	log   string
}

// facade starts the program as it is deployed, without bounds on rates: one
// machine makes all of the load here.
func (w *world) facade(name string, flags ...string) *facade {
	w.b.Helper()
	f := &facade{address: w.freeAddress(), operations: w.freeAddress(), log: filepath.Join(w.folder, name+".log")}
	command := exec.Command(w.program, append([]string{
		"--bind-address", f.address, "--operations-bind-address", f.operations, "--namespace", namespace,
		"--table", table, "--dynamodb-endpoint", w.endpoint, "--region", region,
		"--client-rate", "0", "--global-rate", "0", "--access-log=true", "--max-streams-per-client", "10000",
	}, flags...)...)
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + w.folder, "KUBECONFIG=" + w.kubeconfig, "AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local",
	}, w.environment...)
	file, err := os.Create(f.log)
	w.must(err)
	command.Stdout, command.Stderr = file, file
	began := time.Now()
	f.process = w.start(&w.cores.server, command)
	w.must(file.Close())
	for !f.isReady() {
		if time.Since(began) > startPatience || len(f.ended) > 0 {
			log, _ := os.ReadFile(f.log)
			w.b.Fatalf("the facade is not ready after %s:\n%s", brief(time.Since(began)), log)
		}
		time.Sleep(10 * time.Millisecond)
	}
	f.ready = time.Since(began)
	return f
}

// probes are not kept alive: the balancer's would meet a server that is gone.
var probes = &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func (f *facade) isReady() bool {
	response, err := probes.Get("http://" + f.operations + "/readyz")
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// settle waits until the start is over: nothing is read any more, and what that
// took of memory is given back.
func (f *facade) settle() {
	for before := f.cpu(); ; {
		time.Sleep(2 * time.Second)
		now := f.cpu()
		if now-before < 100*time.Millisecond {
			return
		}
		before = now
	}
}

// cpu is the time that it has used of the processors.
func (p *process) cpu() time.Duration {
	p.w.b.Helper()
	raw, err := os.ReadFile("/proc/" + strconv.Itoa(p.command.Process.Pid) + "/stat")
	p.w.must(err)
	// The name stands in brackets and may have spaces.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+2:]))
	var ticks int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		p.w.must(err)
		ticks += n
	}
	return time.Duration(ticks) * tick
}

// tick is the unit of /proc, the same on all of Linux.
const tick = 10 * time.Millisecond

// memory is a line of /proc/PID/status, such as VmRSS, in bytes.
func (p *process) memory(line string) int64 {
	p.w.b.Helper()
	file, err := os.Open("/proc/" + strconv.Itoa(p.command.Process.Pid) + "/status")
	p.w.must(err)
	defer func() { _ = file.Close() }()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if value, ok := strings.CutPrefix(lines.Text(), line+":"); ok {
			n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
			p.w.must(err)
			return n << 10
		}
	}
	p.w.b.Fatalf("there is no %s", line)
	return 0
}

// actor is this test program in one of its roles. It is told things on its
// standard input, a line each, and answers in the same way.
type actor struct {
	*process
	in  io.WriteCloser
	out *bufio.Reader
}

func (w *world) actor(on *unix.CPUSet, role string, order any) *actor {
	w.b.Helper()
	command := exec.Command(os.Args[0])
	command.Env, command.Stderr = append(os.Environ(), envRole+"="+role), os.Stderr
	in, err := command.StdinPipe()
	w.must(err)
	read, write, err := os.Pipe()
	w.must(err)
	command.Stdout = write
	a := &actor{process: w.start(on, command), in: in, out: bufio.NewReader(read)}
	w.must(write.Close())
	a.tell(order)
	return a
}

func (a *actor) tell(what any) {
	a.w.b.Helper()
	a.w.must(json.NewEncoder(a.in).Encode(what))
}

func (a *actor) hear(into any) {
	a.w.b.Helper()
	line, err := a.out.ReadBytes('\n')
	if err != nil {
		a.w.b.Fatalf("a role ended: %v", err)
	}
	a.w.must(json.Unmarshal(line, into))
}

// dismiss ends it.
func (a *actor) dismiss() {
	_ = a.in.Close()
	a.w.must(<-a.ended)
}

// freeAddress is free until somebody takes it.
func (w *world) freeAddress() string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// get reads a body as it is on the wire.
func (w *world) get(address, path, encoding string) []byte {
	w.b.Helper()
	request, err := http.NewRequestWithContext(w.b.Context(), http.MethodGet, "http://"+address+path, nil)
	w.must(err)
	// Named, the client leaves it as it is.
	request.Header.Set("Accept-Encoding", encoding)
	response, err := http.DefaultClient.Do(request)
	w.must(err)
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	w.must(err)
	if response.StatusCode != http.StatusOK {
		w.must(fmt.Errorf("%s: %s: %s", path, response.Status, body))
	}
	return body
}

// machine is what a machine has done so far, in ticks.
type machine struct{ busy, idle, stolen int64 }

func (w *world) machine() machine {
	raw, err := os.ReadFile("/proc/stat")
	w.must(err)
	line, _, _ := strings.Cut(string(raw), "\n")
	var ticks [9]int64
	for i, field := range strings.Fields(line)[1:9] {
		ticks[i], err = strconv.ParseInt(field, 10, 64)
		w.must(err)
	}
	// user, nice, system, idle, iowait, irq, softirq and steal: proc(5).
	return machine{busy: ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], idle: ticks[3] + ticks[4], stolen: ticks[7]}
}

func (m machine) since(before machine) string {
	busy, idle, stolen := m.busy-before.busy, m.idle-before.idle, m.stolen-before.stolen
	all := float64(max(busy+idle+stolen, 1))
	return fmt.Sprintf("%d processors, %.0f %% busy, %.1f %% taken by its host", runtime.NumCPU(), 100*float64(busy)/all, 100*float64(stolen)/all)
}

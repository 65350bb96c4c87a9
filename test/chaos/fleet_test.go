package chaos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// lease is how long a leader that is gone keeps the others from working.
const lease = 3 * time.Second

// The least and the most operators at a time.
const fewest, most = 2, 5

// fleet is the operators and whoever kills them.
type fleet struct {
	t       *testing.T
	program string
	args    []string
	env     []string
	folder  string
	dice    *rand.Rand

	mu sync.Mutex
	// slots are the operators that should run; an empty one is between two.
	slots []*process
	// past are all there ever were.
	past []*process
	// ending keeps slots from being filled again.
	ending bool
	work   sync.WaitGroup
}

// process is one operator, from its start to its end.
type process struct {
	// name is also the access key it signs its requests to the table with.
	name string
	slot int
	cmd  *exec.Cmd
	log  *journal
	// done is closed when it has ended.
	done chan struct{}

	mu sync.Mutex
	// asked is what was done to it last: "" nothing, else how it was to end.
	asked  string
	ended  time.Time
	code   int
	pauses []time.Time
}

// The ways to end.
const (
	killed  = "killed"
	stopped = "stopped"
)

// journal is a process's standard error: a file, and the moment from which it
// was the leader.
type journal struct {
	file *os.File
	mu   sync.Mutex
	led  time.Time
}

func (j *journal) Write(p []byte) (int, error) {
	if bytes.Contains(p, []byte("Successfully acquired lease")) {
		j.mu.Lock()
		j.led = time.Now()
		j.mu.Unlock()
	}
	return j.file.Write(p)
}

func (j *journal) leading() time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.led
}

// fill starts an operator in a slot.
func (f *fleet) fill(slot int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ending || slot >= len(f.slots) || f.slots[slot] != nil && f.slots[slot].runs() {
		return
	}
	p := &process{name: fmt.Sprintf("P%04d", len(f.past)+1), slot: slot, done: make(chan struct{})}
	file, err := os.Create(filepath.Join(f.folder, p.name+".log"))
	if err != nil {
		f.t.Error(err)
		return
	}
	p.log = &journal{file: file}
	work := filepath.Join(f.folder, fmt.Sprintf("work-%d", slot))
	if err := os.MkdirAll(work, 0o700); err != nil {
		f.t.Error(err)
		return
	}
	p.cmd = exec.Command(f.program, slices.Concat(f.args, []string{"--work-folder", work})...)
	p.cmd.Env = slices.Concat(f.env, []string{"AWS_ACCESS_KEY_ID=" + p.name, "AWS_SECRET_ACCESS_KEY=chaos"})
	p.cmd.Stderr = p.log
	// What it starts may outlive it and hold its standard error open.
	p.cmd.WaitDelay = time.Second
	if err := p.cmd.Start(); err != nil {
		f.t.Error(err)
		return
	}
	f.slots[slot], f.past = p, append(f.past, p)
	f.work.Go(func() { f.attend(p) })
}

// attend waits for a process's end, and has another take its place as a
// cluster would.
func (f *fleet) attend(p *process) {
	err := p.cmd.Wait()
	p.mu.Lock()
	p.ended, p.code = time.Now(), p.cmd.ProcessState.ExitCode()
	byItself := p.asked == ""
	p.mu.Unlock()
	_ = p.log.file.Close()
	close(p.done)
	if err != nil && errors.Is(err, exec.ErrWaitDelay) {
		f.t.Logf("%s left somebody behind who holds its standard error", p.name)
	}
	if byItself {
		time.Sleep(time.Second)
		f.fill(p.slot)
	}
}

// size has so many operators run; the ones beyond are told to stop.
func (f *fleet) size(n int) {
	f.mu.Lock()
	var extra []*process
	for len(f.slots) > n {
		extra = append(extra, f.slots[len(f.slots)-1])
		f.slots = f.slots[:len(f.slots)-1]
	}
	var added []int
	for len(f.slots) < n {
		added = append(added, len(f.slots))
		f.slots = append(f.slots, nil)
	}
	f.mu.Unlock()
	for _, p := range extra {
		p.end(stopped)
	}
	for _, slot := range added {
		f.fill(slot)
	}
}

// haunt does to the operators what clusters do, until ctx ends.
func (f *fleet) haunt(ctx context.Context, length time.Duration) {
	f.size(fewest + f.dice.IntN(most-fewest+1))
	for sleep(ctx, between(f.dice, 700*time.Millisecond, 3200*time.Millisecond)) {
		roll, victim := f.dice.IntN(100), f.victim()
		pause, gap := between(f.dice, lease/2, 2*lease), between(f.dice, 0, 2*time.Second)
		switch {
		case roll < 82:
			f.replace(victim, killed, gap)
		case roll < 92:
			f.pause(victim, pause)
		case roll < 94 && length > 3*time.Minute:
			// Past the life of a claim: others have given up its calls by then.
			f.pause(victim, 20*pause+time.Minute)
		case roll < 96:
			f.replace(victim, stopped, gap)
		default:
			f.size(fewest + f.dice.IntN(most-fewest+1))
		}
	}
}

// leader is a victim that is not a slot.
const leader = -1

// victim is anybody, and the leader now and then: what is done to the others is
// harmless, and one that is killed as soon as it leads does no work.
func (f *fleet) victim() int {
	const inHundred = 30
	if f.dice.IntN(100) < inHundred {
		return leader
	}
	return f.dice.IntN(most)
}

// at is the leader, or the operator in a slot, counted around; nil when there
// is none now.
func (f *fleet) at(victim int) *process {
	f.mu.Lock()
	defer f.mu.Unlock()
	if victim == leader {
		return f.leading()
	}
	if p := f.slots[victim%len(f.slots)]; p != nil && p.runs() {
		return p
	}
	return nil
}

// leading is who took the lease last and runs. It is called with the lock held.
func (f *fleet) leading() (last *process) {
	for _, p := range f.slots {
		if p == nil || !p.runs() || p.log.leading().IsZero() {
			continue
		}
		if last == nil || p.log.leading().After(last.log.leading()) {
			last = p
		}
	}
	return last
}

// replace ends an operator and starts another one a while later.
func (f *fleet) replace(victim int, how string, gap time.Duration) {
	p := f.at(victim)
	if p == nil || !p.end(how) {
		return
	}
	f.work.Go(func() {
		<-p.done
		time.Sleep(gap)
		f.fill(p.slot)
	})
}

// pause stops an operator for a while; the machine it is on was too busy.
func (f *fleet) pause(victim int, length time.Duration) {
	p := f.at(victim)
	if p == nil {
		return
	}
	p.mu.Lock()
	p.pauses = append(p.pauses, time.Now())
	p.mu.Unlock()
	p.signal(syscall.SIGSTOP)
	f.work.Go(func() {
		select {
		case <-time.After(length):
		case <-p.done:
		}
		p.signal(syscall.SIGCONT)
	})
}

// rest ends the haunting: everybody runs, and there are two at least.
func (f *fleet) rest() {
	f.mu.Lock()
	running := slices.Clone(f.slots)
	f.mu.Unlock()
	for slot, p := range running {
		if p != nil {
			p.signal(syscall.SIGCONT)
		}
		if p == nil || !p.runs() {
			f.fill(slot)
		}
	}
}

// end stops all operators as a cluster does, and waits for them.
func (f *fleet) end() {
	f.mu.Lock()
	f.ending = true
	running := slices.Clone(f.slots)
	f.mu.Unlock()
	for _, p := range running {
		if p != nil {
			p.signal(syscall.SIGCONT)
			p.end(stopped)
		}
	}
	f.work.Wait()
}

// drain is what a stopping operator may take; then it is killed, as a cluster
// does. Calls in flight have 20 s of it.
const drain = 30 * time.Second

// end ends a process that nobody has told to, and tells whether it did.
func (p *process) end(how string) bool {
	p.mu.Lock()
	before := p.asked
	if before == "" {
		p.asked = how
	}
	p.mu.Unlock()
	if before != "" {
		return false
	}
	if how == killed {
		p.signal(syscall.SIGKILL)
		return true
	}
	p.signal(syscall.SIGTERM)
	go func() {
		select {
		case <-p.done:
		case <-time.After(drain):
			p.signal(syscall.SIGKILL)
		}
	}()
	return true
}

// signal does nothing to one that has ended.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

func (p *process) runs() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// life is what is known of a process in the end.
type life struct {
	name, asked string
	code        int
	led, ended  time.Time
	pauses      []time.Time
	log         string
}

func (f *fleet) lives() []life {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []life
	for _, p := range f.past {
		raw, _ := os.ReadFile(p.log.file.Name())
		all = append(all, life{
			name: p.name, asked: p.asked, code: p.code, led: p.log.leading(),
			ended: p.ended, pauses: p.pauses, log: string(raw),
		})
	}
	return all
}

// showLogs prints the last lines of the operators that lived last.
func (f *fleet) showLogs(t *testing.T) {
	const shown, lines = 2, 20
	lives := f.lives()
	for _, l := range lives[max(0, len(lives)-shown):] {
		all := strings.Split(strings.TrimSpace(l.log), "\n")
		t.Logf("the end of %s.log:\n%s", l.name, strings.Join(all[max(0, len(all)-lines):], "\n"))
	}
}

// sleep tells whether ctx outlasted it.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

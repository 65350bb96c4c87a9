package ledger

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/sony/gobreaker/v2"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// A breaker opens after breakerFailures failures in a row and lets one call
// through after breakerPause.
const (
	breakerFailures = 5
	breakerPause    = 30 * time.Second
)

// fresh is how long what was last read of a pace is believed where nothing has
// to be written.
const fresh = time.Second

// A pace that others keep moving is tried again after at most casPause, and
// given up after maxMoves.
const (
	casPause = 100 * time.Millisecond
	maxMoves = 100
)

// gates holds one gate for all providers that share their limits.
type gates struct {
	mu   sync.Mutex
	open map[string]*gate
}

func (g *gates) of(name string, book Gates, o Options) *gate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open == nil {
		g.open = map[string]*gate{}
	}
	if g.open[name] == nil {
		g.open[name] = newGate(name, book, o)
	}
	return g.open[name]
}

// gate keeps a provider's pace together with all other replicas.
type gate struct {
	name    string
	book    Gates
	o       Options
	breaker *gobreaker.TwoStepCircuitBreaker[struct{}]

	// turn is held by whoever moves the pace: in one process nobody races.
	turn chan struct{}
	// state is the pace as the row had it at read; write names that write.
	state string
	write string
	read  time.Time

	mu sync.Mutex
	// doors let one waiting call of each namespace come to the row at a time,
	// first come, first served.
	doors map[string]chan struct{}
	// freed is closed when a place of this process is free again.
	freed chan struct{}
}

func newGate(name string, book Gates, o Options) *gate {
	return &gate{
		name: name, book: book, o: o,
		turn: make(chan struct{}, 1), doors: map[string]chan struct{}{}, freed: make(chan struct{}),
		breaker: gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
			Name:        name,
			Timeout:     breakerPause,
			ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= breakerFailures },
		}),
	}
}

// place is a call that may go on. Its end must be told once.
type place struct {
	gate *gate
	slot string
	once sync.Once
}

// enter waits until a call may start. A rest beyond patience is an error that
// says when to come back.
func (g *gate) enter(ctx context.Context, p *Provider, tokens int64, payer *Payer) (*place, error) {
	if most := int64(p.Limits.TokensPerMinute); most > 0 && tokens > most {
		return nil, &Error{
			Class: llm.ClassStalled, Reason: ReasonRequestTooLarge,
			Message: fmt.Sprintf("one request may need %d tokens and limits.tokensPerMinute is %d; raise it", tokens, most),
		}
	}
	w := wish{slot: uuid.NewString()[:8], namespace: p.Namespace(), tokens: tokens}
	door := g.door(w.namespace)
	select {
	case door <- struct{}{}:
		place, err := g.knock(ctx, w, p)
		<-door
		if place != nil || err != nil {
			return place, err
		}
	default:
	}
	var place *place
	err := payer.wait(ctx, func(ctx context.Context) (err error) {
		select {
		case door <- struct{}{}:
			defer func() { <-door }()
		case <-ctx.Done():
			return cancelled(ctx.Err())
		}
		place, err = g.queue(ctx, w, p, payer)
		return err
	})
	return place, err
}

// knock takes a place if there is one, and errs only for a reason that lasts.
func (g *gate) knock(ctx context.Context, w wish, p *Provider) (*place, error) {
	held, err := g.take(ctx, w, p)
	if err != nil || held.after > 0 {
		return nil, err
	}
	return &place{gate: g, slot: w.slot}, nil
}

func (g *gate) take(ctx context.Context, w wish, p *Provider) (held wait, err error) {
	w.until = g.o.Now().Add(p.Timeout + settleTime)
	err = g.move(ctx, func(pc *pace) { held = pc.take(g.o.Now(), w, p.Limits) })
	return held, err
}

// queue waits for a place.
func (g *gate) queue(ctx context.Context, w wish, p *Provider, payer *Payer) (*place, error) {
	told := false
	for {
		freed := g.nextFreed()
		held, err := g.take(ctx, w, p)
		switch {
		case err != nil:
			return nil, err
		case held.after <= 0:
			return &place{gate: g, slot: w.slot}, nil
		case held.after > patience:
			return nil, held.error()
		}
		if held.after > tellAfter && !told {
			told = true
			payer.held(held.error())
			defer payer.held(nil)
		}
		if err := g.sleep(ctx, held, freed); err != nil {
			return nil, cancelled(err)
		}
	}
}

// error is what is told of a wait.
func (w wait) error() *Error {
	if w.resting {
		return resting(w.after)
	}
	return queued(w.after)
}

// sleep waits, or until a place of this process is free.
func (g *gate) sleep(ctx context.Context, held wait, freed <-chan struct{}) error {
	if held.resting {
		// Those who rested do not all come back in the same moment.
		return g.o.Sleep(ctx, held.after+g.o.Jitter(restSpread))
	}
	return g.o.sleepUnless(ctx, held.after, freed)
}

func (g *gate) door(namespace string) chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.doors[namespace] == nil {
		g.doors[namespace] = make(chan struct{}, 1)
	}
	return g.doors[namespace]
}

func (g *gate) nextFreed() <-chan struct{} {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.freed
}

// leave gives the place back and tells everybody how the provider took the
// call; only the first word counts.
func (p *place) leave(err error) {
	call := llm.AsError(err)
	limited := call != nil && call.Class == llm.ClassWait
	after := time.Duration(0)
	if limited {
		after = call.RetryAfter
	}
	p.end(func(pc *pace) { pc.leave(p.gate.o.Now(), p.slot, limited, after) })
}

// drop gives a place back from which no call was made.
func (p *place) drop() { p.end(func(pc *pace) { pc.drop(p.slot) }) }

// end changes the pace once. When the table is away the place is given back by
// its time.
func (p *place) end(change func(*pace)) {
	p.once.Do(func() {
		g := p.gate
		ctx, cancel := context.WithTimeout(context.Background(), settleTime/2)
		defer cancel()
		if err := g.move(ctx, change); err != nil {
			g.o.Log.Error(err, "a place could not be given back; it is given up when its time is over", "gate", g.name)
		}
		g.mu.Lock()
		defer g.mu.Unlock()
		close(g.freed)
		g.freed = make(chan struct{})
	})
}

// move changes the pace by compare-and-swap. A change that changes nothing is
// not written.
func (g *gate) move(ctx context.Context, change func(*pace)) error {
	select {
	case g.turn <- struct{}{}:
	case <-ctx.Done():
		return cancelled(ctx.Err())
	}
	defer func() { <-g.turn }()
	for range maxMoves {
		if err := g.refresh(ctx); err != nil {
			return tableError(err)
		}
		pc, err := readPace(g.state)
		if err != nil {
			// Nobody's money is in a pace: it is begun anew.
			pc, _ = readPace("")
		}
		change(pc)
		moved := pc.String()
		if moved == g.state || g.state == "" && moved == (&pace{}).String() {
			return nil
		}
		write, err := g.book.PutGate(ctx, g.name, g.write, moved)
		if err == nil {
			g.state, g.write, g.read = moved, write, g.o.Now()
			return nil
		}
		g.read = time.Time{}
		if !errors.Is(err, store.ErrMoved) {
			return tableError(err)
		}
		if err := g.o.Sleep(ctx, g.o.Jitter(casPause)); err != nil {
			return cancelled(err)
		}
	}
	return tableError(errors.New("other replicas keep moving the pace"))
}

// refresh reads the row, unless that was done a moment ago. A write that is
// based on an older read is refused, so no limit depends on this.
func (g *gate) refresh(ctx context.Context) error {
	if now := g.o.Now(); !g.read.IsZero() && now.Sub(g.read) < fresh {
		return nil
	}
	state, write, err := g.book.Gate(ctx, g.name)
	if err != nil {
		return err
	}
	g.state, g.write, g.read = state, write, g.o.Now()
	return nil
}

// allow asks the circuit breaker; done must be told whether the provider works.
func (g *gate) allow() (done func(ok bool), err error) {
	report, err := g.breaker.Allow()
	if err != nil {
		return nil, &Error{
			Class: llm.ClassWait, Reason: ReasonProviderPaused, RetryAfter: breakerPause, Err: err,
			Message: "the provider failed several times in a row; calls go on after a pause",
		}
	}
	return func(ok bool) {
		if ok {
			report(nil)
			return
		}
		report(errSpent)
	}, nil
}

package edge_test

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
)

func TestAChangeShowsAtOnceOrWithinHalfASecond(t *testing.T) {
	c := newSource(t)
	c.mustGive("1")
	release := c.block()
	c.change()
	// The old answer is sent while one load replaces it.
	c.mustGive("1")
	c.clock.pass(499 * time.Millisecond)
	c.mustGive("1")
	eventually(t, "the load", func() bool { return c.called() == 2 })
	release()
	eventually(t, "the new answer", func() bool { return string(c.get("/").body) == "2" })
	if c.called() != 2 {
		t.Errorf("%d loads", c.called())
	}
	// After that, everybody waits.
	c.change()
	c.clock.pass(500 * time.Millisecond)
	c.mustGive("3")
}

func TestAnAnswerFromBeforeAnEarlierChangeIsNotSent(t *testing.T) {
	c := newSource(t)
	c.mustGive("1")
	c.change()
	c.clock.pass(time.Hour)
	// It is only now that the last change was, but the first one is an hour old.
	c.change()
	c.mustGive("2")
	// One that was right a moment ago is known not to be old.
	c.clock.pass(time.Hour)
	c.mustGive("2")
	c.change()
	c.mustGive("2")
}

func TestALoadFromBeforeAChangeIsNotTheAnswerToARequestAfterIt(t *testing.T) {
	c := newSource(t)
	release := c.block()
	first, second := make(chan *reply, 1), make(chan *reply, 1)
	go func() { first <- c.call(http.MethodGet, "/") }()
	eventually(t, "the load", func() bool { return c.called() == 1 })
	c.change()
	go func() { second <- c.call(http.MethodGet, "/") }()
	eventually(t, "both requests", func() bool { return c.metric("algoitny_facade_requests_in_flight") == 2 })
	release()
	await(t, "the first answer", first).mustSay(t, "1")
	await(t, "the second answer", second).mustSay(t, "2")
}

func TestAnOldAnswerIsSentOnceMoreWhileItIsRenewed(t *testing.T) {
	c := newSource(t)
	c.set(func(c *source) { c.freshness.MaxAge = time.Minute })
	c.mustGive("1")
	c.clock.pass(time.Minute - 1)
	c.mustGive("1")
	c.mustCount(1, 0, 1, 0)
	c.clock.pass(1)
	c.mustGive("1")
	eventually(t, "the new answer", func() bool { return string(c.get("/").body) == "2" })
	if c.called() != 2 {
		t.Errorf("%d loads", c.called())
	}
}

func TestWhatCannotBeMadeAnewIsSentForFiveMinutes(t *testing.T) {
	c := newSource(t)
	c.mustGive("1")
	c.set(func(c *source) { c.status = http.StatusServiceUnavailable })
	c.change()
	c.clock.pass(time.Minute)
	c.mustGive("1")
	c.mustCount(0, 1, 1, 0)
	// Nobody waits for the next tries, of which there is one a second.
	release := c.block()
	c.mustGive("1")
	c.clock.pass(time.Second)
	c.mustGive("1")
	eventually(t, "a try", func() bool { return c.called() == 3 })
	release()
	c.clock.pass(5*time.Minute - 2*time.Second)
	c.mustGive("1")
	c.clock.pass(time.Second)
	c.get("/").mustFail(t, http.StatusServiceUnavailable)
	c.set(func(c *source) { c.status = http.StatusOK })
	calls := c.called() + 1
	c.mustGive(fmt.Sprint(calls))
	c.mustGive(fmt.Sprint(calls))
}

func TestWhatIsGoneIsNotExcused(t *testing.T) {
	c := newSource(t)
	c.mustGive("1")
	c.set(func(c *source) { c.status = http.StatusForbidden })
	c.change()
	c.clock.pass(time.Second)
	c.get("/").mustFail(t, http.StatusForbidden)
	c.set(func(c *source) { c.status = http.StatusInternalServerError })
	c.get("/").mustFail(t, http.StatusInternalServerError)
}

func TestALoadThatNeverEndsKeepsNobodyLongerThanItMay(t *testing.T) {
	end := make(chan struct{})
	var calls atomic.Int32
	var version atomic.Uint64
	s := newSite(t, deliver(func(w http.ResponseWriter, _ *http.Request) {
		if calls.Add(1) > 1 {
			<-end
		}
		_, _ = io.WriteString(w, "it")
	}), func(o *edge.Options) {
		o.Timeout = 10 * time.Millisecond
		o.Freshness = func(*http.Request) (edge.Freshness, bool) { return edge.Freshness{Version: version.Load()}, true }
	})
	s.get("/").mustSay(t, "it")
	s.get("/new").mustFail(t, http.StatusServiceUnavailable)
	version.Add(1)
	s.get("/").mustSay(t, "it")
	s.clock.pass(5 * time.Minute)
	s.get("/").mustFail(t, http.StatusServiceUnavailable)
	close(end)
}

// TestNoAnswerIsOlderThanASecond changes the data all the time, as fast as it
// is read, and holds every answer to what had been written a second earlier.
func TestNoAnswerIsOlderThanASecond(t *testing.T) {
	var mu sync.Mutex
	var written []time.Time
	read := func() (int, time.Time) {
		mu.Lock()
		defer mu.Unlock()
		if len(written) == 0 {
			return 0, time.Time{}
		}
		return len(written), written[len(written)-1]
	}
	s := newSite(t, deliver(func(w http.ResponseWriter, _ *http.Request) {
		value, _ := read()
		time.Sleep(5 * time.Millisecond)
		_, _ = fmt.Fprint(w, value)
	}), func(o *edge.Options) {
		o.Now = time.Now
		o.Freshness = func(*http.Request) (edge.Freshness, bool) {
			value, at := read()
			return edge.Freshness{Version: uint64(value), ChangedAt: at}, true
		}
	})
	end := time.Now().Add(3 * time.Second)
	var all sync.WaitGroup
	all.Go(func() {
		for ; time.Now().Before(end); time.Sleep(37 * time.Millisecond) {
			mu.Lock()
			written = append(written, time.Now())
			mu.Unlock()
		}
	})
	for range 4 {
		all.Go(func() {
			for time.Now().Before(end) {
				asked := time.Now()
				value := 0
				if _, err := fmt.Sscan(string(s.call(http.MethodGet, "/").body), &value); err != nil {
					t.Error(err)
				}
				mu.Lock()
				if value < len(written) && asked.Sub(written[value]) > time.Second {
					t.Errorf("a change of %s ago does not show", asked.Sub(written[value]))
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

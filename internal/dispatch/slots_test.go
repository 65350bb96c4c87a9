package dispatch_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/dispatch"
)

// crew is a pool whose work notes its name when it begins and goes on when it
// is let go.
type crew struct {
	t    *testing.T
	pool *dispatch.Pool[int]
	mu   sync.Mutex
	log  []string
}

func inCrew(t *testing.T, limit int, test func(c *crew)) {
	synctest.Test(t, func(t *testing.T) {
		c := &crew{t: t, pool: dispatch.NewPool[int](limit, func(client.ObjectKey) {}, time.Now)}
		ctx, end := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- c.pool.Start(ctx) }()
		test(c)
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func (c *crew) note(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, name)
}

func (c *crew) do(namespace, name string, work dispatch.Work[int]) {
	c.pool.Do(dispatch.Key{UID: types.UID(namespace + name), Inputs: "x"}, client.ObjectKey{Namespace: namespace, Name: name},
		func(ctx context.Context, progress func(int)) (int, error) {
			c.note(namespace + name)
			return work(ctx, progress)
		})
	synctest.Wait()
}

func (c *crew) wantLog(want ...string) {
	c.t.Helper()
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.log, want) {
		c.t.Errorf("worked in the order %v, want %v", c.log, want)
	}
}

func aSecond(ctx context.Context, _ func(int)) (int, error) {
	select {
	case <-time.After(time.Second):
		return 1, nil
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

func TestNamespacesTakeTurns(t *testing.T) {
	inCrew(t, 1, func(c *crew) {
		for _, name := range []string{"1", "2", "3", "4"} {
			c.do("a", name, aSecond)
		}
		c.do("b", "1", aSecond)
		c.do("c", "1", aSecond)
		time.Sleep(10 * time.Second)
		c.wantLog("a1", "a2", "b1", "c1", "a3", "a4")
	})
}

func TestWhoWaitsAsideLeavesTheSlotAndComesBackFirst(t *testing.T) {
	inCrew(t, 1, func(c *crew) {
		c.do("a", "1", func(ctx context.Context, _ func(int)) (int, error) {
			err := dispatch.Aside(ctx, func(context.Context) error { time.Sleep(time.Second / 2); return nil })
			c.note("a1 again")
			return 0, err
		})
		c.do("a", "2", aSecond)
		c.do("a", "3", aSecond)
		time.Sleep(10 * time.Second)
		c.wantLog("a1", "a2", "a1 again", "a3")
	})
}

func TestCancelledWorkGivesItsSlotBackFromWhereverItWaits(t *testing.T) {
	inCrew(t, 1, func(c *crew) {
		c.do("a", "1", aSecond)
		c.do("a", "2", aSecond)
		c.do("a", "3", func(ctx context.Context, _ func(int)) (int, error) {
			return 0, dispatch.Aside(ctx, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		})
		c.pool.Forget("a2")
		time.Sleep(2 * time.Second)
		c.pool.Forget("a3")
		c.do("a", "4", aSecond)
		c.do("a", "5", aSecond)
		time.Sleep(5 * time.Second)
		c.wantLog("a1", "a3", "a4", "a5")
	})
}

func TestOutsideOfAPoolAsideOnlyWaits(t *testing.T) {
	want := errors.New("over")
	if err := dispatch.Aside(t.Context(), func(context.Context) error { return want }); !errors.Is(err, want) {
		t.Errorf("got %v", err)
	}
}

package store

import (
	"context"
	"sync"
)

// lanes let the writers of one process go one at a time through a row they
// all share. That is courtesy, not safety: the conditions of each write keep
// the row right, lanes only keep a hundred writers from refusing each other.
type lanes struct {
	mu   sync.Mutex
	open map[key]*lane
}

// lane is there for as long as somebody uses it.
type lane struct {
	turn  chan struct{}
	users int
}

// enter waits for the lane of k. leave must be called once.
func (l *lanes) enter(ctx context.Context, k key) (leave func(), err error) {
	here := l.join(k)
	select {
	case here.turn <- struct{}{}:
		return func() {
			<-here.turn
			l.quit(k, here)
		}, nil
	case <-ctx.Done():
		l.quit(k, here)
		return nil, decoded(ctx.Err())
	}
}

func (l *lanes) join(k key) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open == nil {
		l.open = map[key]*lane{}
	}
	if l.open[k] == nil {
		l.open[k] = &lane{turn: make(chan struct{}, 1)}
	}
	l.open[k].users++
	return l.open[k]
}

func (l *lanes) quit(k key, here *lane) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if here.users--; here.users == 0 {
		delete(l.open, k)
	}
}

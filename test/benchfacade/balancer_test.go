package benchfacade_test

import (
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// balancer hands connections to facades in turn, as a Service does: it knows
// nothing of HTTP, repeats nothing, and learns from /readyz alone who is there.
type balancer struct {
	w        *world
	listener net.Listener
	done     chan struct{}

	mu    sync.Mutex
	known []*facade
	ready []*facade
	turn  int
}

// probeEvery is the Deployment's period of the readiness probe.
const probeEvery = 2 * time.Second

func (w *world) balance(over ...*facade) *balancer {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	b := &balancer{w: w, listener: listener, done: make(chan struct{})}
	for _, f := range over {
		b.add(f)
	}
	go b.probe()
	go b.accept()
	return b
}

func (b *balancer) address() string { return b.listener.Addr().String() }

// add takes a facade in that is ready.
func (b *balancer) add(f *facade) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.known, b.ready = append(b.known, f), append(b.ready, f)
}

// remove forgets one that has ended.
func (b *balancer) remove(f *facade) {
	b.mu.Lock()
	defer b.mu.Unlock()
	is := func(other *facade) bool { return other == f }
	b.known, b.ready = slices.DeleteFunc(b.known, is), slices.DeleteFunc(b.ready, is)
}

func (b *balancer) end() {
	close(b.done)
	_ = b.listener.Close()
}

func (b *balancer) probe() {
	for {
		select {
		case <-b.done:
			return
		case <-time.After(probeEvery):
		}
		b.mu.Lock()
		known := slices.Clone(b.known)
		b.mu.Unlock()
		var ready []*facade
		for _, f := range known {
			if f.isReady() {
				ready = append(ready, f)
			}
		}
		b.mu.Lock()
		b.ready = slices.DeleteFunc(ready, func(f *facade) bool { return !slices.Contains(b.known, f) })
		b.mu.Unlock()
	}
}

func (b *balancer) accept() {
	for {
		client, err := b.listener.Accept()
		if err != nil {
			return
		}
		go b.carry(client)
	}
}

// carry copies both ways until either side ends.
func (b *balancer) carry(client net.Conn) {
	defer func() { _ = client.Close() }()
	address := b.next()
	if address == "" {
		return
	}
	server, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()
	_, _ = io.Copy(client, server)
}

func (b *balancer) next() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 {
		return ""
	}
	b.turn++
	return b.ready[b.turn%len(b.ready)].address
}

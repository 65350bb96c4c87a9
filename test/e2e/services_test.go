//go:build e2e

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/algoitny/algoitny-operator/internal/demo"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// pageHost is one of the judges that the demo imitates.
const pageHost = "codeforces.example"

// modelKey is what the replay model takes.
const modelKey = "e2e"

// services are what the operator uses outside of the cluster.
type services struct {
	host string
	// table and model are addresses that pods can reach.
	table, model string
	store        *store.Store
	replay       *replay.Server
	stops        []func()
}

func (s *services) stop() {
	for _, stop := range s.stops {
		stop()
	}
}

func startServices(ctx context.Context, host string) (*services, error) {
	s := &services{host: host}
	endpoint, stop, err := storetest.Start()
	if err != nil {
		return nil, err
	}
	s.stops = append(s.stops, stop)
	target, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	if s.table, err = s.serve(host+":0", httputil.NewSingleHostReverseProxy(target)); err != nil {
		return nil, err
	}
	db, err := store.NewClient(ctx, endpoint, "eu-central-1")
	if err != nil {
		return nil, err
	}
	s.store = store.New(db, store.Options{Table: "algoitny_main"})
	if err := s.store.EnsureTable(ctx); err != nil {
		return nil, err
	}
	transcripts, err := demo.Transcripts()
	if err != nil {
		return nil, err
	}
	s.replay = replay.New(replay.Options{Transcripts: transcripts, Key: modelKey})
	s.stops = append(s.stops, s.replay.Close)
	if s.model, err = s.serve(host+":0", s.replay); err != nil {
		return nil, err
	}
	// Pages have the port that every real one has.
	_, err = s.serve(host+":80", demo.Pages())
	return s, err
}

// serve returns the address that a handler is served at.
func (s *services) serve(address string, handler http.Handler) (string, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return "", fmt.Errorf("listen where pods can reach it: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Println("e2e: a service ended:", err)
		}
	}()
	s.stops = append(s.stops, func() { _ = server.Close() })
	return "http://" + listener.Addr().String(), nil
}

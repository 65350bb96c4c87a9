package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// patience is how long something is waited for on a busy machine.
const patience = 10 * time.Second

func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case value := <-c:
		return value
	case <-time.After(patience):
		t.Fatalf("not in time: %s", what)
		panic("unreachable")
	}
}

func TestARequestInFlightIsAnsweredBeforeTheEnd(t *testing.T) {
	address, inFlight, goOn := make(chan string, 1), make(chan struct{}), make(chan struct{})
	server := &http.Server{
		Addr: "127.0.0.1:0", ReadHeaderTimeout: patience,
		BaseContext: func(l net.Listener) context.Context {
			address <- l.Addr().String()
			return context.Background()
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(inFlight)
			<-goOn
			_, _ = io.WriteString(w, "whole")
		}),
	}
	ctx, end := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, server) }()
	url := "http://" + await(t, "the server listens", address)
	answered := make(chan string, 1)
	go func() { answered <- get(url) }()
	await(t, "the request is in flight", inFlight)
	end()
	close(goOn)
	if body := await(t, "the answer", answered); body != "whole" {
		t.Errorf("got %q", body)
	}
	if err := await(t, "the end", ended); err != nil {
		t.Error(err)
	}
	if late := get(url); late == "whole" {
		t.Error("it still answers")
	}
}

func get(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func TestAnAddressThatIsTakenEndsTheServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	if err := serve(t.Context(), &http.Server{Addr: listener.Addr().String(), ReadHeaderTimeout: patience}); err == nil {
		t.Error("it serves at an address that is taken")
	}
}

// Package embedded runs a DynamoDB engine inside the process, for the demo
// and for tests. It keeps everything in memory and forgets it at the end.
package embedded

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/truora/minidyn/server"
)

// headerTimeout bounds how slowly a client may send its headers.
const headerTimeout = 10 * time.Second

// Engine is a running engine.
type Engine struct {
	// Endpoint is its address, in the form http://127.0.0.1:port.
	Endpoint string

	server *http.Server
	done   chan struct{}
}

// Start listens on a free port of loopback until Close.
func Start(ctx context.Context) (*Engine, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the DynamoDB engine: %w", err)
	}
	e := &Engine{
		Endpoint: "http://" + listener.Addr().String(),
		server:   &http.Server{Handler: checksummed(server.NewServer()), ReadHeaderTimeout: headerTimeout},
		done:     make(chan struct{}),
	}
	go func() {
		defer close(e.done)
		// Serve only ends with the listener, which only Close closes.
		_ = e.server.Serve(listener)
	}()
	return e, nil
}

// Close ends the engine and every connection to it. It may be called twice.
func (e *Engine) Close() {
	_ = e.server.Close()
	<-e.done
}

// checksummed adds the checksum that DynamoDB sends and its clients compare.
func checksummed(engine http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answer{ResponseWriter: w, status: http.StatusOK}
		engine.ServeHTTP(a, r)
		w.Header().Set("X-Amz-Crc32", strconv.FormatUint(uint64(crc32.ChecksumIEEE(a.body.Bytes())), 10))
		w.WriteHeader(a.status)
		// A client that left does not want its answer.
		_, _ = w.Write(a.body.Bytes())
	})
}

// answer holds back what the engine says until it is whole.
type answer struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (a *answer) WriteHeader(status int) { a.status = status }

func (a *answer) Write(part []byte) (int, error) { return a.body.Write(part) }

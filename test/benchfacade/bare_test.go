package benchfacade_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
)

// bareOrder has the bodies that a bare server answers with, by their coding.
type bareOrder map[string][]byte

// bare is the role of a server of net/http's that does nothing but write bytes
// that it has: no program in Go over net/http answers faster.
func bare() error {
	in := bufio.NewReader(os.Stdin)
	order := bareOrder{}
	if err := json.NewDecoder(in).Decode(&order); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	for encoding, body := range order {
		// With the length given, the server need not cut the answer into chunks.
		length := strconv.Itoa(len(body))
		mux.HandleFunc("GET /"+encoding, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", length)
			_, _ = w.Write(body)
		})
	}
	go func() { _ = http.Serve(listener, mux) }()
	fmt.Printf("%q\n", listener.Addr())
	_, err = io.Copy(io.Discard, in)
	return err
}

package llm_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

func TestADownloadNeedNotBeJSONAndIsBounded(t *testing.T) {
	const limit = 9 << 20
	broken := errors.New("planted-key broke the reader")
	cases := []struct {
		name   string
		size   int
		fails  error
		reason llm.Reason
	}{
		{"a file larger than an answer may be", limit, nil, ""},
		{"an empty file", 0, nil, ""},
		{"a file over the bound", limit + 1, nil, llm.ReasonInvalidResponse},
		{"a reader that gives up", 10, broken, llm.ReasonConnection},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, c.size)) })
			w := wire(transport)
			var got int64
			ex, err := w.Download(t.Context(), limit, func(r io.Reader) error {
				n, err := io.Copy(io.Discard, r)
				got = n
				return errors.Join(err, c.fails)
			}, post(w, url, 1))
			if c.reason == "" {
				if err != nil || got != int64(c.size) || len(ex.Body) != 0 {
					t.Errorf("read %d, %v", got, err)
				}
				return
			}
			e := llm.AsError(err)
			if e == nil || e.Reason != c.reason || (e.Err != nil && strings.Contains(e.Err.Error(), "planted")) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestADownloadThatIsRefusedIsTyped(t *testing.T) {
	url, transport := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) })
	w := wire(transport)
	_, err := w.Download(t.Context(), 1, func(io.Reader) error { t.Error("an error was read as a file"); return nil }, post(w, url, 1))
	if e := llm.AsError(err); e == nil || e.Reason != llm.ReasonUnauthorized {
		t.Errorf("got %+v", e)
	}
}

func TestAnEndedErrorStaysFree(t *testing.T) {
	err := llm.Final(llm.Free(&llm.Error{Reason: llm.ReasonOverloaded, Unclear: true}))
	if e := llm.AsError(err); e == nil || !e.Ended || e.Unclear {
		t.Errorf("got %+v", e)
	}
}

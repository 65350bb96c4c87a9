// Package pipelinetest gives the tests of the steps a model at the wire, with
// the answers that they script, and a real ledger over a real table.
package pipelinetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/openai"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// What every scripted answer reports and costs, in tokens and in 1e-9.
const (
	AnswerTokens = 150
	AnswerCost   = 200_000
)

// Wire is a model at the wire and the table that remembers its answers.
type Wire struct {
	Table *store.Store
	Model *replay.Server

	t        testing.TB
	endpoint string

	mu      sync.Mutex
	lives   int
	prompts []string
}

// Answer is one scripted attempt, in the form of a replay transcript.
type Answer map[string]any

// JSON is an answer that is a JSON value.
func JSON(value any) Answer { return Answer{"json": value} }

// Text is an answer that is any text.
func Text(text string) Answer { return Answer{"text": text} }

// New returns a model that gives these answers, in order of the attempts, to
// one step of a problem.
func New(t testing.TB, key problem.Key, step string, answers ...Answer) *Wire {
	t.Helper()
	return NewSteps(t, key, map[string][]Answer{step: answers})
}

// NewSteps is New for several steps.
func NewSteps(t testing.TB, key problem.Key, steps map[string][]Answer) *Wire {
	t.Helper()
	files := fstest.MapFS{}
	for step, answers := range steps {
		files[fmt.Sprintf("%s/%s.yaml", key, step)] = &fstest.MapFile{Data: transcript(t, answers)}
	}
	return Replay(t, files)
}

// Replay returns a model that answers from transcripts.
func Replay(t testing.TB, transcripts fs.FS) *Wire {
	t.Helper()
	w := &Wire{t: t, Table: storetest.New(t)}
	w.Model = replay.New(replay.Options{Transcripts: transcripts})
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(func() { w.Model.Close(); server.Close() })
	w.endpoint = server.URL
	return w
}

func transcript(t testing.TB, answers []Answer) []byte {
	t.Helper()
	attempts := make([]Answer, len(answers))
	for i, answer := range answers {
		attempts[i] = Answer{"attempt": i + 1, "usage": map[string]int{"prompt": 100, "output": 50}}
		for name, value := range answer {
			attempts[i][name] = value
		}
	}
	raw, err := yaml.Marshal(map[string]any{"answers": attempts})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// Ledger is one life of the operator: what an earlier one paid for is in the
// table and nowhere else.
func (w *Wire) Ledger() *ledger.Ledger {
	w.mu.Lock()
	w.lives++
	owner := fmt.Sprintf("life-%d", w.lives)
	w.mu.Unlock()
	l := ledger.New(w.Table, ledger.Options{
		Owner: owner,
		Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	})
	w.t.Cleanup(func() { l.Close(context.Background()) })
	return l
}

// Provider is the model with a price.
func (w *Wire) Provider() ledger.Provider {
	model, err := openai.New(openai.Options{Endpoint: w.endpoint + "/v1", Model: "test", Key: "key"})
	if err != nil {
		w.t.Fatal(err)
	}
	return ledger.Provider{
		Name: "default/test", Model: model, ModelName: "test", Timeout: time.Minute,
		Price: llm.Price{InputNanoPerMillion: 1e9, OutputNanoPerMillion: 2e9},
	}
}

// Calls counts the paid calls.
func (w *Wire) Calls() int { return len(w.Model.Calls()) }

// Prompt is what the model was asked in the nth call, from 1.
func (w *Wire) Prompt(n int) string {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if n > len(w.prompts) {
		w.t.Fatalf("%d calls were made, there is no call %d", len(w.prompts), n)
	}
	return w.prompts[n-1]
}

// serve keeps what is asked before the model answers.
func (w *Wire) serve(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(rw, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var request struct {
		Input string `json:"input"`
	}
	if json.Unmarshal(body, &request) == nil && request.Input != "" {
		w.mu.Lock()
		w.prompts = append(w.prompts, request.Input)
		w.mu.Unlock()
	}
	w.Model.ServeHTTP(rw, r)
}

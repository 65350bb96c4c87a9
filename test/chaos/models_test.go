package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/replay"
)

// The faults of the models. Those of the first group refuse and bill nothing;
// with the others the model has worked, and the vendor bills that.
const (
	rateLimited fault = "model: 429"
	modelError  fault = "model: 500"
	overloaded  fault = "model: 503"

	lostBefore   fault = "model: cut before the answer"
	lostHeaders  fault = "model: cut after the headers"
	lostHalf     fault = "model: cut in the answer"
	lostByProxy  fault = "model: 502 of a gateway"
	lostInNoise  fault = "model: answer is no JSON"
	neverAnswers fault = "model: hangs"
)

var (
	modelFaults = []fault{rateLimited, rateLimited, modelError, overloaded, lostBefore, lostHeaders, lostHalf, lostByProxy, lostInNoise, neverAnswers}
	checkFaults = []fault{rateLimited, modelError, overloaded, lostBefore}
)

func (f fault) isRefusal() bool { return f == rateLimited || f == modelError || f == overloaded }

// thinking is how long an answer takes.
const leastThinking, mostThinking = 50 * time.Millisecond, 700 * time.Millisecond

// price is that of every model here, in 1e-9 for a million tokens.
var price = llm.Price{InputNanoPerMillion: 1e9, CachedInputNanoPerMillion: 1e9, OutputNanoPerMillion: 2e9}

// request is one completion that an operator asked for.
type request struct {
	question
	// account is namespace/name of the ModelProvider that the key belongs to.
	account string
	at      time.Time
	fault   fault
	// cost is what the vendor bills, in 1e-9.
	cost int64
	// answered: the whole answer was written to whoever asked.
	answered bool
}

// models are both vendors: replay's answers in their own formats, with faults.
type models struct {
	replay *replay.Server
	script *script
	sky    *sky
	faults *gremlin

	mu       sync.Mutex
	requests []*request
	billed   map[string]int64
	// background are the responses that are worked on without their asker.
	background map[string]working
	// unscripted are requests that this suite has no answer for.
	unscripted []string
}

func newModels(s *sky) *models {
	m := &models{script: &script{files: map[string][]byte{}}, sky: s, faults: newGremlin("models"), billed: map[string]int64{}, background: map[string]working{}}
	m.replay = replay.New(replay.Options{Transcripts: m.script})
	return m
}

func (m *models) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		m.tell(w, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	drawn := m.faults.strike(m.sky.now().models, modelFaults...)
	answer := m.answer(r, body)
	whole, later := m.finished(r, answer)
	asked := m.arrive(r, body, drawn, answer.Code, whole)
	if !later && !drawn.isRefusal() {
		sleep(r.Context(), m.faults.between(leastThinking, mostThinking))
	}
	m.fail(w, r, drawn, answer.Body.Bytes())
	if drawn != none {
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(answer.Code)
	_, err = w.Write(answer.Body.Bytes())
	if err == nil && r.Context().Err() == nil {
		m.mu.Lock()
		asked.answered = true
		m.mu.Unlock()
	}
}

// tell answers what costs nothing: what a model is, and how far a response is
// that goes on without its asker.
func (m *models) tell(w http.ResponseWriter, r *http.Request) {
	drawn := m.faults.strike(m.sky.now().models/2, checkFaults...)
	m.fail(w, r, drawn, nil)
	if drawn != none {
		return
	}
	m.mu.Lock()
	working, ok := m.background[path.Base(r.URL.Path)]
	m.mu.Unlock()
	if ok && time.Now().Before(working.ready) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(working.body)
		return
	}
	m.replay.ServeHTTP(w, r)
}

// working is a response that is worked on in the background until ready.
type working struct {
	body  []byte
	ready time.Time
}

// finished is the whole of an answer that goes on in the background, and
// whether it does.
func (m *models) finished(r *http.Request, answer *httptest.ResponseRecorder) ([]byte, bool) {
	var started struct {
		ID     string
		Status string
	}
	if json.Unmarshal(answer.Body.Bytes(), &started) != nil || started.Status != "queued" {
		return answer.Body.Bytes(), false
	}
	get := r.Clone(context.WithoutCancel(r.Context()))
	get.Method, get.Body, get.URL.Path = http.MethodGet, http.NoBody, r.URL.Path+"/"+started.ID
	whole := httptest.NewRecorder()
	m.replay.ServeHTTP(whole, get)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.background[started.ID] = working{answer.Body.Bytes(), time.Now().Add(m.faults.between(leastThinking, mostThinking))}
	return whole.Body.Bytes(), true
}

// answer is what the model makes of a request.
func (m *models) answer(r *http.Request, body []byte) *httptest.ResponseRecorder {
	again := r.Clone(context.WithoutCancel(r.Context()))
	again.Body = io.NopCloser(bytes.NewReader(body))
	answer := httptest.NewRecorder()
	m.replay.ServeHTTP(answer, again)
	return answer
}

// arrive logs a request and bills it: a vendor that works wants its money,
// whatever becomes of the answer.
func (m *models) arrive(r *http.Request, body []byte, drawn fault, status int, answer []byte) *request {
	asked := &request{question: questionIn(body), account: accountOf(r), at: time.Now(), fault: drawn}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.requests = append(m.requests, asked)
	switch {
	case status != http.StatusOK:
		m.unscripted = append(m.unscripted, fmt.Sprintf("%v: %s", asked.question, answer))
	case !drawn.isRefusal():
		asked.cost = price.Cost(usageIn(answer))
		m.billed[asked.account] += asked.cost
	}
	return asked
}

// fail spoils the answer as drawn; none does nothing.
func (m *models) fail(w http.ResponseWriter, r *http.Request, drawn fault, answer []byte) {
	switch drawn {
	case none:
	case rateLimited:
		w.Header().Set("Retry-After", strconv.Itoa(int(m.faults.between(time.Second, 3*time.Second).Seconds())))
		deny(w, http.StatusTooManyRequests, "RESOURCE_EXHAUSTED")
	case modelError:
		deny(w, http.StatusInternalServerError, "INTERNAL")
	case overloaded:
		deny(w, http.StatusServiceUnavailable, "UNAVAILABLE")
	case lostByProxy:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(http.StatusBadGateway)
		_, _ = io.WriteString(w, "<html><body>502 Bad Gateway</body></html>")
	case lostInNoise:
		_, _ = io.WriteString(w, "<html><body>Welcome to this hotel's network</body></html>")
	case lostHeaders, lostHalf:
		cut := map[fault]int{lostHalf: len(answer) / 2}[drawn]
		w.Header().Set("Content-Length", strconv.Itoa(len(answer)))
		_, _ = w.Write(answer[:cut])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case neverAnswers:
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	default:
		panic(http.ErrAbortHandler)
	}
}

// deny has a body that both vendors' adapters recognise.
func deny(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"error":{"message":"chaos","type":"chaos","code":%d,"status":%q}}`, status, code)
}

func (m *models) log() []request {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make([]request, len(m.requests))
	for i, r := range m.requests {
		out[i] = *r
	}
	return out
}

// bills are what each keeper of money has been billed, in 1e-9.
func (m *models) bills() map[string]int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	bills := map[string]int64{}
	for account, sum := range m.billed {
		bills[kindProvider+" "+account] = sum
		if strings.HasPrefix(account, bounded+"/") {
			bills[keyFor(kindBudget, bounded, budgetName)] += sum
		}
	}
	return bills
}

func (m *models) surprises() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.unscripted)
}

var referenceLine = regexp.MustCompile(`Reference: step=([\w-]+) problem=([\w./-]+) attempt=(\d+)`)

// questionIn reads the last Reference line of a request in either format.
func questionIn(body []byte) question {
	all := referenceLine.FindAllSubmatch(body, -1)
	if len(all) == 0 {
		return question{}
	}
	last := all[len(all)-1]
	attempt, _ := strconv.Atoi(string(last[3]))
	return question{problem: string(last[2]), step: string(last[1]), attempt: attempt}
}

// usageIn reads what an answer in any of the formats says it used.
func usageIn(body []byte) llm.Usage {
	var a struct {
		Usage struct {
			Prompt int64 `json:"prompt_tokens"`
			Output int64 `json:"completion_tokens"`
			// These are the names of the Responses API.
			Input  int64 `json:"input_tokens"`
			Answer int64 `json:"output_tokens"`
		} `json:"usage"`
		UsageMetadata struct {
			Prompt int64 `json:"promptTokenCount"`
			Total  int64 `json:"totalTokenCount"`
		} `json:"usageMetadata"`
	}
	if json.Unmarshal(body, &a) != nil {
		return llm.Usage{}
	}
	return llm.Usage{
		Prompt: a.Usage.Prompt + a.Usage.Input + a.UsageMetadata.Prompt,
		Output: a.Usage.Output + a.Usage.Answer + a.UsageMetadata.Total - a.UsageMetadata.Prompt,
	}
}

// keyPrefix begins every API key; nothing the operator writes may show one.
const keyPrefix = "sk-chaos-9c41-"

// keyOf is the API key of an account, and accountOf reads it back.
func keyOf(namespace, provider string) string { return keyPrefix + namespace + "." + provider }

func accountOf(r *http.Request) string {
	key := r.Header.Get("X-Goog-Api-Key") + strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	return strings.Replace(strings.TrimPrefix(key, keyPrefix), ".", "/", 1)
}

// script holds the transcripts, by problem and step. Problems have ids that
// are their own on every platform.
type script struct {
	mu    sync.Mutex
	files map[string][]byte
}

// answers says what a model answers to each attempt of a step.
func (s *script) answers(id, step string, answers ...map[string]any) {
	for i := range answers {
		answers[i]["attempt"] = i + 1
	}
	raw, err := yaml.Marshal(map[string]any{"answers": answers})
	if err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files[id+"/"+step+".yaml"] = raw
}

// Open implements fs.FS.
func (s *script) Open(name string) (fs.File, error) {
	_, file, _ := strings.Cut(name, "/")
	s.mu.Lock()
	data, ok := s.files[file]
	s.mu.Unlock()
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return fstest.MapFS{"transcript": {Data: data}}.Open("transcript")
}

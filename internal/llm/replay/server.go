// Package replay answers as OpenAI and Gemini would, from recorded
// transcripts, so that the whole product runs without a paid call. Its answers
// go over real HTTP in the vendors' own formats, so the real adapters are in
// use with only their endpoint changed. README.md describes the transcripts.
package replay

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// maxRequest bounds what is read of one request.
const maxRequest = 32 << 20

// Options say what the server answers from and how it behaves.
type Options struct {
	// Transcripts is the folder of transcripts.
	Transcripts fs.FS
	// Key is the only API key accepted; "" accepts any, and none.
	Key string
	// Models are the models that exist; none means that every model does.
	Models []string
	// Latency is the delay of an answer that states none of its own.
	Latency time.Duration
	// Sleep waits out a latency; nil means real time. It returns the context's
	// error when that ends first.
	Sleep func(context.Context, time.Duration) error
	// BatchTime is how long a batch takes.
	BatchTime time.Duration
	// Now reads the clock for what goes on between requests: background
	// responses and batches. Nil means time.Now.
	Now func() time.Time
	// NoResponses and NoBatches make the server one that has no /responses or
	// no /files and /batches, as most that are compatible with OpenAI's API.
	NoResponses bool
	NoBatches   bool
}

// Vendor names the format of a request.
type Vendor string

// The vendors whose formats the server speaks.
const (
	OpenAI Vendor = "openai"
	Gemini Vendor = "gemini"
)

// Call is one completion that was asked for: what a real vendor might bill.
type Call struct {
	Vendor Vendor
	Model  string
	// Step, Problem ("platform/id") and Attempt come from the Reference line
	// and are zero when the request has none.
	Step    string
	Problem string
	Attempt int
	// KeyPresent is true when the request carried some API key in its headers.
	KeyPresent bool
	// Background is true for a background response, which is one call however
	// often it is fetched; Batch for an item of a batch.
	Background bool
	Batch      bool
	// Status is the HTTP status of the answer, 0 while there is none and when
	// the connection was dropped before it.
	Status int
}

// Server is an http.Handler. It is safe for concurrent use.
type Server struct {
	opts   Options
	mux    *http.ServeMux
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	calls  []Call
	checks int
	faults []Fault
	store  store
}

// New returns a server for the transcripts.
func New(opts Options) *Server {
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	s := &Server{opts: opts, closed: make(chan struct{}), store: newStore()}
	s.mux = s.routes()
	return s
}

// routes are the URLs of OpenAI's newer APIs; all others say enough themselves.
func (s *Server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.serve)
	s.handle(mux, !s.opts.NoResponses, "POST /v1/responses", s.createResponse)
	s.handle(mux, !s.opts.NoResponses, "GET /v1/responses/{id}", s.getResponse)
	s.handle(mux, !s.opts.NoBatches, "POST /v1/files", s.createFile)
	s.handle(mux, !s.opts.NoBatches, "GET /v1/files/{id}/content", s.getContent)
	s.handle(mux, !s.opts.NoBatches, "POST /v1/batches", s.createBatch)
	s.handle(mux, !s.opts.NoBatches, "GET /v1/batches", s.listBatches)
	s.handle(mux, !s.opts.NoBatches, "GET /v1/batches/{id}", s.getBatch)
	return mux
}

// handle answers for a URL that the server has, and as an HTTP server that has
// never heard of it otherwise.
func (s *Server) handle(mux *http.ServeMux, has bool, pattern string, h http.HandlerFunc) {
	if !has {
		h = http.NotFound
	}
	mux.HandleFunc(pattern, h)
}

// Close lets hanging requests go, so that an http.Server around it can stop.
func (s *Server) Close() { s.once.Do(func() { close(s.closed) }) }

// Calls returns the completions asked for so far, in order of arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Checks counts the requests for a model's description, which are free.
func (s *Server) Checks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.checks
}

// dialect is one vendor's wire format.
type dialect interface {
	vendor() Vendor
	key(*http.Request) string
	// userText joins what the user role says in a request's body.
	userText(body []byte) (string, error)
	answer(r *http.Request, model string, a *answer, u usage) any
	description(model string) any
	failure(status int, code, message string, retryAfter time.Duration) any
}

// route is a request understood as far as its URL.
type route struct {
	dialect dialect
	model   string
	// completion is true for a paid request, false for a description.
	completion bool
	// background is true for a completion that is answered later.
	background bool
}

func routeOf(r *http.Request) (route, bool) {
	const generate = ":generateContent"
	name, isModel := modelName(r.URL.Path)
	google := strings.HasPrefix(r.URL.Path, "/v1beta/")
	model, generates := strings.CutSuffix(name, generate)
	switch {
	case google && isModel && generates && r.Method == http.MethodPost:
		return route{dialect: geminiDialect{}, model: model, completion: true}, true
	case google && isModel && r.Method == http.MethodGet:
		return route{dialect: geminiDialect{}, model: name}, true
	case google:
		return route{dialect: geminiDialect{}}, false
	case strings.HasSuffix(r.URL.Path, "/chat/completions") && r.Method == http.MethodPost:
		return route{dialect: openaiDialect{}, completion: true}, true
	case isModel && r.Method == http.MethodGet:
		return route{dialect: openaiDialect{}, model: name}, true
	}
	return route{dialect: openaiDialect{}}, false
}

func modelName(path string) (string, bool) {
	_, name, ok := strings.Cut(path, "/models/")
	return name, ok && name != ""
}

// ServeHTTP answers one request in the format of the vendor that its URL is of.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	to, ok := routeOf(r)
	if !ok {
		refuse(w, to.dialect, http.StatusNotFound, "unknown_url", "no such URL: "+r.Method+" "+r.URL.Path)
		return
	}
	if !to.completion {
		s.describe(w, r, to)
		return
	}
	if body, ok := readRequest(w, r, to.dialect); ok {
		s.complete(w, r, to, body)
	}
}

func readRequest(w http.ResponseWriter, r *http.Request, d dialect) ([]byte, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, d, http.StatusBadRequest, "unreadable", "the request's body could not be read")
	}
	return body, err == nil
}

func (s *Server) describe(w http.ResponseWriter, r *http.Request, to route) {
	s.mu.Lock()
	s.checks++
	s.mu.Unlock()
	if status, code, message := s.admit(r, to, to.model); status != 0 {
		refuse(w, to.dialect, status, code, message)
		return
	}
	writeJSON(w, http.StatusOK, to.dialect.description(to.model))
}

// admit returns the refusal of a wrong key or an unknown model, 0 for neither.
func (s *Server) admit(r *http.Request, to route, model string) (status int, code, message string) {
	if status, code, message = s.admitKey(r, to.dialect); status != 0 {
		return status, code, message
	}
	return s.admitModel(model)
}

func (s *Server) admitKey(r *http.Request, d dialect) (status int, code, message string) {
	if s.opts.Key != "" && d.key(r) != s.opts.Key {
		return http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided."
	}
	return 0, "", ""
}

func (s *Server) admitModel(model string) (status int, code, message string) {
	if len(s.opts.Models) > 0 && !slices.Contains(s.opts.Models, model) {
		return http.StatusNotFound, "model_not_found", fmt.Sprintf("The model %q does not exist.", model)
	}
	return 0, "", ""
}

func (s *Server) complete(w http.ResponseWriter, r *http.Request, to route, body []byte) {
	if to.model == "" {
		to.model = modelInBody(body)
	}
	text, err := to.dialect.userText(body)
	ref, found := lastReference(text)
	calls, fault := s.begin(Call{
		Vendor: to.dialect.vendor(), Model: to.model, KeyPresent: to.dialect.key(r) != "",
		Step: ref.step, Problem: ref.problem(), Attempt: ref.attempt, Background: to.background,
	})
	out := &reply{ResponseWriter: w, request: r, server: s, calls: calls, dialect: to.dialect}
	if status, code, message := s.admit(r, to, to.model); status != 0 {
		out.refuse(status, code, message, 0)
		return
	}
	switch {
	case err != nil:
		out.refuse(http.StatusBadRequest, "invalid_request_error", "the request is not in the vendor's format", 0)
	case !found:
		out.refuse(http.StatusBadRequest, "reference_missing", "no line 'Reference: step=… problem=…/… attempt=…' in the user's text", 0)
	case fault != nil && fault.Kind.early():
		out.fail(*fault)
	default:
		s.replay(out, ref, to, len(body), fault)
	}
}

// replay answers from the transcript, spoiled by the fault when there is one.
func (s *Server) replay(out *reply, ref reference, to route, promptBytes int, fault *Fault) {
	a, err := find(s.opts.Transcripts, ref)
	if err != nil {
		out.refuse(http.StatusBadRequest, "transcript_not_found", err.Error(), 0)
		return
	}
	latency := s.opts.Latency
	if a.Latency != nil {
		latency = time.Duration(*a.Latency)
	}
	if !to.background && latency > 0 && s.opts.Sleep(out.request.Context(), latency) != nil {
		return
	}
	switch {
	case a.Fail != "":
		out.fail(Fault{Kind: FaultKind(a.Fail)})
	case a.failed():
		out.refuse(a.Status, a.code(), "a scripted failure", time.Duration(a.RetryAfter))
	default:
		body := out.dialect.answer(out.request, to.model, a, a.usage(promptBytes))
		if to.background {
			body = s.startResponse(body, latency)
		}
		out.deliver(mustMarshal(body), fault)
	}
}

// begin logs the calls of a request and takes the fault scripted for it, if any.
func (s *Server) begin(calls ...Call) (indexes []int, fault *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range calls {
		indexes = append(indexes, len(s.calls))
		s.calls = append(s.calls, c)
	}
	if len(s.faults) > 0 {
		next := s.faults[0]
		s.faults = s.faults[1:]
		fault = &next
	}
	return indexes, fault
}

func (s *Server) setStatus(calls []int, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range calls {
		s.calls[call].Status = status
	}
}

func modelInBody(body []byte) string {
	var r struct {
		Model string `json:"model"`
	}
	if json.Unmarshal(body, &r) != nil {
		return ""
	}
	return r.Model
}

// reference says which answer a request is for.
type reference struct {
	step, platform, id string
	attempt            int
}

func (r reference) problem() string {
	if r.platform == "" {
		return ""
	}
	return r.platform + "/" + r.id
}

// lastReference finds the last Reference line: text of a page, which may hold
// a forged one, always stands before the product's own.
func lastReference(text string) (reference, bool) {
	line := regexp.MustCompile(`(?m)^Reference: step=(\S+) problem=([^/\s]+)/(\S+) attempt=(\d{1,9})[ \t\r]*$`)
	all := line.FindAllStringSubmatch(text, -1)
	if len(all) == 0 {
		return reference{}, false
	}
	m := all[len(all)-1]
	attempt, err := strconv.Atoi(m[4])
	return reference{step: m[1], platform: m[2], id: m[3], attempt: attempt}, err == nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

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
	// Status is the HTTP status of the answer, 0 while there is none and when
	// the connection was dropped before it.
	Status int
}

// Server is an http.Handler. It is safe for concurrent use.
type Server struct {
	opts   Options
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	calls  []Call
	checks int
	faults []Fault
}

// New returns a server for the transcripts.
func New(opts Options) *Server {
	if opts.Sleep == nil {
		opts.Sleep = sleep
	}
	return &Server{opts: opts, closed: make(chan struct{})}
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
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	to, ok := routeOf(r)
	if !ok {
		refuse(w, to.dialect, http.StatusNotFound, "unknown_url", "no such URL: "+r.Method+" "+r.URL.Path)
		return
	}
	if to.completion {
		s.complete(w, r, to)
		return
	}
	s.describe(w, r, to)
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
	if s.opts.Key != "" && to.dialect.key(r) != s.opts.Key {
		return http.StatusUnauthorized, "invalid_api_key", "Incorrect API key provided."
	}
	if len(s.opts.Models) > 0 && !slices.Contains(s.opts.Models, model) {
		return http.StatusNotFound, "model_not_found", fmt.Sprintf("The model %q does not exist.", model)
	}
	return 0, "", ""
}

func (s *Server) complete(w http.ResponseWriter, r *http.Request, to route) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		refuse(w, to.dialect, http.StatusBadRequest, "unreadable", "the request's body could not be read")
		return
	}
	if to.model == "" {
		to.model = modelInBody(body)
	}
	text, err := to.dialect.userText(body)
	ref, found := lastReference(text)
	call, fault := s.begin(Call{
		Vendor: to.dialect.vendor(), Model: to.model, KeyPresent: to.dialect.key(r) != "",
		Step: ref.step, Problem: ref.problem(), Attempt: ref.attempt,
	})
	out := &reply{ResponseWriter: w, request: r, server: s, call: call, dialect: to.dialect}
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
		s.replay(out, ref, to.model, len(body), fault)
	}
}

// replay answers from the transcript, spoiled by the fault when there is one.
func (s *Server) replay(out *reply, ref reference, model string, promptBytes int, fault *Fault) {
	a, err := find(s.opts.Transcripts, ref)
	if err != nil {
		out.refuse(http.StatusBadRequest, "transcript_not_found", err.Error(), 0)
		return
	}
	latency := s.opts.Latency
	if a.Latency != nil {
		latency = time.Duration(*a.Latency)
	}
	if latency > 0 && s.opts.Sleep(out.request.Context(), latency) != nil {
		return
	}
	switch {
	case a.Fail != "":
		out.fail(Fault{Kind: FaultKind(a.Fail)})
	case a.Status != 0 && a.Status != http.StatusOK:
		out.refuse(a.Status, a.code(), "a scripted failure", time.Duration(a.RetryAfter))
	default:
		body := mustMarshal(out.dialect.answer(out.request, model, a, a.usage(promptBytes)))
		out.deliver(body, fault)
	}
}

// begin logs the call and takes the fault scripted for it, if any.
func (s *Server) begin(c Call) (index int, fault *Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, c)
	if len(s.faults) > 0 {
		next := s.faults[0]
		s.faults = s.faults[1:]
		fault = &next
	}
	return len(s.calls) - 1, fault
}

func (s *Server) setStatus(call, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[call].Status = status
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

package replay

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// storedBatch is a batch object; the first two differ while it runs:
// https://developers.openai.com/api/reference/resources/batches.
type storedBatch struct {
	id                string
	running, finished map[string]any
	ready             time.Time
}

// batchItem is one line of a batch's input, and its answer. The status is 0 for
// an answer that never comes.
type batchItem struct {
	CustomID string          `json:"custom_id"`
	Body     json.RawMessage `json:"body"`
	ref      reference
	found    bool
	status   int
	answer   any
}

func (s *Server) createBatch(w http.ResponseWriter, r *http.Request) {
	body, ok := readRequest(w, r, openaiDialect{})
	if !ok || !s.allowed(w, r) {
		return
	}
	var req struct {
		InputFile string         `json:"input_file_id"`
		Metadata  map[string]any `json:"metadata"`
	}
	if json.Unmarshal(body, &req) != nil {
		refuse(w, openaiDialect{}, http.StatusBadRequest, "invalid_request_error", "the request is not in the vendor's format")
		return
	}
	s.mu.Lock()
	input, ok := s.store.files[req.InputFile]
	s.mu.Unlock()
	if !ok {
		missing(w, "No such File object: "+req.InputFile)
		return
	}
	items, badLine := readItems(input)
	calls, fault := s.begin(callsOf(r, items)...)
	out := &reply{ResponseWriter: w, request: r, server: s, calls: calls, dialect: openaiDialect{}}
	if fault != nil && fault.Kind.early() {
		out.fail(*fault)
		return
	}
	s.answerItems(calls, items)
	// The calls have the statuses of their items, not of the batch.
	out.calls = nil
	out.deliver(mustMarshal(s.startBatch(req.Metadata, items, badLine)), fault)
}

// readItems reads a batch's input. A line that is no request spoils the batch,
// and is what is returned as badLine, counted from 1.
func readItems(input []byte) (items []batchItem, badLine int) {
	for i, line := range bytes.Split(bytes.TrimSpace(input), []byte("\n")) {
		var item batchItem
		if json.Unmarshal(line, &item) != nil || item.CustomID == "" {
			return nil, i + 1
		}
		text, err := openaiDialect{}.userText(item.Body)
		if err != nil {
			return nil, i + 1
		}
		item.ref, item.found = lastReference(text)
		items = append(items, item)
	}
	return items, 0
}

func callsOf(r *http.Request, items []batchItem) []Call {
	var calls []Call
	for _, item := range items {
		calls = append(calls, Call{
			Vendor: OpenAI, Model: modelInBody(item.Body), KeyPresent: openaiDialect{}.key(r) != "",
			Step: item.ref.step, Problem: item.ref.problem(), Attempt: item.ref.attempt, Batch: true,
		})
	}
	return calls
}

func (s *Server) answerItems(calls []int, items []batchItem) {
	for i := range items {
		items[i].status, items[i].answer = s.answerItem(&items[i])
		s.setStatus(calls[i:i+1], items[i].status)
	}
}

func (s *Server) answerItem(item *batchItem) (status int, body any) {
	d, model := openaiDialect{}, modelInBody(item.Body)
	if status, code, message := s.admitModel(model); status != 0 {
		return status, d.failure(status, code, message, 0)
	}
	if !item.found {
		return http.StatusBadRequest, d.failure(http.StatusBadRequest, "reference_missing", "no Reference line", 0)
	}
	a, err := find(s.opts.Transcripts, item.ref)
	switch {
	case err != nil:
		return http.StatusBadRequest, d.failure(http.StatusBadRequest, "transcript_not_found", err.Error(), 0)
	case a.Fail != "":
		return 0, nil
	case a.failed():
		return a.Status, d.failure(a.Status, a.code(), "a scripted failure", time.Duration(a.RetryAfter))
	}
	return http.StatusOK, d.answer(nil, model, a, a.usage(len(item.Body)))
}

func (s *Server) startBatch(metadata map[string]any, items []batchItem, badLine int) any {
	output, failures := resultFiles(items)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.opts.Now()
	b := &storedBatch{id: s.store.id("batch_"), ready: now.Add(s.opts.BatchTime)}
	object := func(status string, completed, failed int) map[string]any {
		return map[string]any{
			"id": b.id, "object": "batch", "endpoint": "/v1/chat/completions", "completion_window": "24h",
			"status": status, "metadata": metadata, "created_at": now.Unix(), "errors": nil,
			"output_file_id": nil, "error_file_id": nil,
			"request_counts": map[string]any{"total": len(items), "completed": completed, "failed": failed},
		}
	}
	b.running = object("in_progress", 0, 0)
	b.finished = object("completed", bytes.Count(output, []byte("\n")), bytes.Count(failures, []byte("\n")))
	b.finished["output_file_id"], b.finished["error_file_id"] = s.store.keep(output), s.store.keep(failures)
	if badLine > 0 {
		b.finished["status"] = "failed"
		b.finished["errors"] = map[string]any{"object": "list", "data": []any{map[string]any{
			"code": "invalid_json_line", "message": "This line is not parseable as valid JSON.", "line": badLine,
		}}}
	}
	s.store.batches = append(s.store.batches, b)
	return b.running
}

// resultFiles are the two files of a batch: what was answered, and the rest.
func resultFiles(items []batchItem) (output, failures []byte) {
	for i, item := range items {
		line := map[string]any{"id": "batch_req_" + strconv.Itoa(i), "custom_id": item.CustomID, "response": nil, "error": nil}
		if item.status == 0 {
			line["error"] = map[string]any{"code": "request_timeout", "message": "The request timed out."}
		} else {
			line["response"] = map[string]any{"status_code": item.status, "request_id": "replay", "body": item.answer}
		}
		text := append(mustMarshal(line), '\n')
		if item.status == http.StatusOK {
			output = append(output, text...)
		} else {
			failures = append(failures, text...)
		}
	}
	return output, failures
}

func (s *Server) object(b *storedBatch) map[string]any {
	if s.opts.Now().Before(b.ready) {
		return b.running
	}
	return b.finished
}

func (s *Server) getBatch(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(w, r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.store.find(r.PathValue("id"))
	if i < 0 {
		missing(w, "No batch found with id '"+r.PathValue("id")+"'.")
		return
	}
	writeJSON(w, http.StatusOK, s.object(s.store.batches[i]))
}

func (s *store) find(id string) int {
	return slices.IndexFunc(s.batches, func(b *storedBatch) bool { return b.id == id })
}

// listBatches lists the newest first.
func (s *Server) listBatches(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(w, r) {
		return
	}
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit <= 0 {
		limit = 20
	}
	s.mu.Lock()
	end := len(s.store.batches)
	if i := s.store.find(r.URL.Query().Get("after")); i >= 0 {
		end = i
	}
	page := slices.Clone(s.store.batches[max(end-limit, 0):end])
	s.mu.Unlock()
	slices.Reverse(page)
	data := make([]any, 0, len(page))
	for _, b := range page {
		data = append(data, s.object(b))
	}
	writeJSON(w, http.StatusOK, map[string]any{"object": "list", "data": data, "has_more": end > limit})
}

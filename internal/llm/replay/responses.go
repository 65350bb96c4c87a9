package replay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// responsesDialect is the format of
// https://developers.openai.com/api/reference/resources/responses.
type responsesDialect struct{ openaiDialect }

func (responsesDialect) userText(body []byte) (string, error) {
	var req struct {
		Input json.RawMessage `json:"input"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return "", err
	}
	var text string
	if json.Unmarshal(req.Input, &text) == nil {
		return text, nil
	}
	var messages []chatMessage
	if err := json.Unmarshal(req.Input, &messages); err != nil {
		return "", err
	}
	return saidByUser(messages), nil
}

func (responsesDialect) answer(_ *http.Request, model string, a *answer, u usage) any {
	status, incomplete := "completed", any(nil)
	part := map[string]any{"type": "output_text", "text": a.content(), "annotations": []any{}}
	switch a.Finish {
	case "length":
		status, incomplete = "incomplete", map[string]any{"reason": "max_output_tokens"}
	case "refusal":
		part = map[string]any{"type": "refusal", "refusal": "I can't help with that."}
	}
	return map[string]any{
		"id": "resp_replay", "object": "response", "created_at": 0, "model": model,
		"status": status, "incomplete_details": incomplete, "error": nil, "background": false,
		"output": []any{map[string]any{
			"id": "msg_replay", "type": "message", "role": "assistant", "status": status, "content": []any{part},
		}},
		"usage": map[string]any{
			"input_tokens":          u.Prompt + u.Cached,
			"input_tokens_details":  map[string]any{"cached_tokens": u.Cached},
			"output_tokens":         u.Output + u.Thinking,
			"output_tokens_details": map[string]any{"reasoning_tokens": u.Thinking},
			"total_tokens":          u.Prompt + u.Cached + u.Output + u.Thinking,
		},
	}
}

// startedResponse is a background response that is on its way until ready.
type startedResponse struct {
	running, finished map[string]any
	ready             time.Time
}

func (s *Server) createResponse(w http.ResponseWriter, r *http.Request) {
	to := route{dialect: responsesDialect{}}
	body, ok := readRequest(w, r, to.dialect)
	if !ok {
		return
	}
	var req struct {
		Background bool `json:"background"`
	}
	to.background = json.Unmarshal(body, &req) == nil && req.Background
	s.complete(w, r, to, body)
}

// startResponse keeps an answer until it is fetched, which may be more than
// once, and returns what its request is told.
func (s *Server) startResponse(finished any, latency time.Duration) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	answer, _ := finished.(map[string]any)
	answer["id"], answer["background"] = s.store.id("resp_"), true
	running := map[string]any{
		"id": answer["id"], "object": "response", "created_at": 0, "model": answer["model"], "status": "queued",
		"background": true, "output": []any{}, "usage": nil, "error": nil, "incomplete_details": nil,
	}
	s.store.responses[fmt.Sprint(answer["id"])] = startedResponse{running, answer, s.opts.Now().Add(latency)}
	return running
}

func (s *Server) getResponse(w http.ResponseWriter, r *http.Request) {
	if !s.allowed(w, r) {
		return
	}
	id := r.PathValue("id")
	s.mu.Lock()
	started, ok := s.store.responses[id]
	s.mu.Unlock()
	switch {
	case !ok:
		missing(w, "Response with id '"+id+"' not found.")
	case s.opts.Now().Before(started.ready):
		writeJSON(w, http.StatusOK, started.running)
	default:
		writeJSON(w, http.StatusOK, started.finished)
	}
}

// allowed refuses a wrong key for a request that is free.
func (s *Server) allowed(w http.ResponseWriter, r *http.Request) bool {
	status, code, message := s.admitKey(r, openaiDialect{})
	if status != 0 {
		refuse(w, openaiDialect{}, status, code, message)
	}
	return status == 0
}

// missing is OpenAI's 404 for an object, which has no code.
func missing(w http.ResponseWriter, message string) {
	writeJSON(w, http.StatusNotFound, map[string]any{"error": map[string]any{
		"message": message, "type": "invalid_request_error", "param": "id", "code": nil,
	}})
}

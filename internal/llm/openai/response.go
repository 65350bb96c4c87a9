package openai

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// response is the part of a response object that the product reads:
// https://developers.openai.com/api/reference/resources/responses. It is
// decoded here and not by the SDK, which insists on the types of many fields
// that do not matter, and a paid answer must not be lost over one of those.
type response struct {
	ID         string `json:"id"`
	Status     string `json:"status"`
	Model      string `json:"model"`
	Background bool   `json:"background"`
	Error      *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
	Incomplete *struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
	Output []outputItem    `json:"output"`
	Usage  json.RawMessage `json:"usage"`
}

// outputItem is a message, or something else whose content has another shape.
type outputItem struct {
	Type    string          `json:"type"`
	Phase   string          `json:"phase"`
	Content json.RawMessage `json:"content"`
}

type contentPart struct {
	Type    string `json:"type"`
	Text    string `json:"text"`
	Refusal string `json:"refusal"`
}

type responseUsage struct {
	Input        int64 `json:"input_tokens"`
	InputDetails struct {
		Cached int64 `json:"cached_tokens"`
	} `json:"input_tokens_details"`
	Output        int64 `json:"output_tokens"`
	OutputDetails struct {
		Reasoning int64 `json:"reasoning_tokens"`
	} `json:"output_tokens_details"`
}

const (
	statusQueued     = "queued"
	statusInProgress = "in_progress"
	statusCompleted  = "completed"
	statusIncomplete = "incomplete"
	statusFailed     = "failed"
	statusCancelling = "cancelling"
	statusCancelled  = "cancelled"
)

var errUnknownStatus = errors.New("the response has no status that is known")

func readResponse(body []byte) (*response, error) {
	var r response
	if err := json.Unmarshal(body, &r); err != nil {
		return nil, err
	}
	if string(r.Usage) == "null" {
		r.Usage = nil
	}
	return &r, nil
}

func (r *response) running() bool {
	switch r.Status {
	case statusCompleted, statusIncomplete, statusFailed, statusCancelled:
		return false
	}
	return true
}

// outcome is what became of a started call: nil and nil while it runs.
//
// OpenAI does not document what a failed or canceled response costs. Its
// prices are per token and the usage object counts the tokens, so one that has
// usage was billed and is a Response. Without usage a failed one is taken for a
// refusal, which is free. A canceled one, which someone stopped in its middle,
// is said to be charged for what it wrote until then although it has no usage,
// so what it cost counts as unknown.
func (m *Model) outcome(ex *llm.Exchange, r *response) (*llm.Response, error) {
	switch r.Status {
	case statusQueued, statusInProgress, statusCancelling:
		return nil, nil
	case statusCompleted, statusIncomplete, statusFailed, statusCancelled:
	default:
		return nil, llm.Free(m.wire.Unreadable(ex, errUnknownStatus))
	}
	unused := r.usage().Total() == 0
	switch {
	case unused && r.Status == statusFailed:
		return nil, llm.Final(m.wire.Refused(ex.Status, r.refusal()))
	case unused && len(r.Output) == 0:
		return nil, m.wire.Gone(ex)
	}
	return r.answer(), nil
}

// refusal is why a response failed, by the codes of
// https://github.com/openai/openai-python/blob/main/src/openai/types/responses/response_error.py
// and those of a live call. The request had been accepted, so a code that
// nobody knows is the provider's fault.
func (r *response) refusal() llm.Refusal {
	out := llm.Refusal{Recognized: true, Reason: llm.ReasonOverloaded}
	if r.Error == nil {
		return out
	}
	out.Code, out.Detail = r.Error.Code, r.Error.Message
	if reason := reasonOf(out.Code); reason != "" {
		out.Reason = reason
	}
	switch out.Code {
	case "rate_limit_exceeded":
		out.Reason = llm.ReasonRateLimited
	case "invalid_prompt":
		out.Reason = llm.ReasonBadRequest
	}
	return out
}

func (r *response) answer() *llm.Response {
	text, refused := r.text()
	return &llm.Response{
		Text:     text,
		Finish:   r.finish(refused),
		Model:    r.Model,
		ID:       r.ID,
		Usage:    r.usage(),
		RawUsage: r.Usage,
	}
}

// text joins what the messages say. Newer models comment on their work in
// messages of a phase of their own, which are no part of the answer.
func (r *response) text() (text string, refused bool) {
	var b strings.Builder
	for _, item := range r.Output {
		if item.Type != "message" || item.Phase == "commentary" {
			continue
		}
		var parts []contentPart
		if json.Unmarshal(item.Content, &parts) != nil {
			continue
		}
		for _, part := range parts {
			b.WriteString(part.Text)
			refused = refused || part.Type == "refusal"
		}
	}
	return b.String(), refused
}

func (r *response) finish(refused bool) llm.Finish {
	switch {
	case refused:
		return llm.FinishRefusal
	case r.Status == statusCompleted:
		return llm.FinishStop
	case r.Status != statusIncomplete || r.Incomplete == nil:
		return llm.FinishOther
	}
	switch r.Incomplete.Reason {
	case "max_output_tokens":
		return llm.FinishLength
	case "content_filter":
		return llm.FinishRefusal
	}
	return llm.FinishOther
}

// usage takes the overlapping parts out, as for a chat completion. Usage of
// another shape stays in RawUsage.
func (r *response) usage() llm.Usage {
	var u responseUsage
	if json.Unmarshal(r.Usage, &u) != nil {
		return llm.Usage{}
	}
	cached, reasoning := u.InputDetails.Cached, u.OutputDetails.Reasoning
	return llm.Usage{
		Prompt:       max(u.Input-cached, 0),
		CachedPrompt: max(cached, 0),
		Output:       max(u.Output-reasoning, 0),
		Thinking:     max(reasoning, 0),
	}
}

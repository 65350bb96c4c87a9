package openai

import (
	"context"
	"errors"
	"net/http"
	"sync"

	sdk "github.com/sashabaranov/go-openai"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// Start creates a background response:
// https://developers.openai.com/docs/guides/background. It is stored, because
// one that is not is deleted after about ten minutes, and whoever asks for it
// may be away for longer.
func (m *Model) Start(ctx context.Context, req llm.Request) (string, error) {
	if err := bounded(req); err != nil {
		return "", m.wire.Rejected(err)
	}
	if m.noBackground.Load() {
		return "", m.wire.Unsupported(llm.ErrNoBackground)
	}
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.CreateResponse(ctx, m.background(req))
		return err
	})
	if err != nil {
		return "", m.startError(ex, err)
	}
	answer, err := readResponse(ex.Body)
	if err == nil && answer.ID == "" {
		err = errors.New("no id in the answer")
	}
	if err != nil {
		return "", m.wire.Unreadable(ex, err)
	}
	m.keepEarly(answer)
	return answer.ID, nil
}

func (m *Model) background(req llm.Request) sdk.CreateResponseRequest {
	store := true
	out := sdk.CreateResponseRequest{
		Model:           m.name,
		Instructions:    req.System,
		Input:           req.User,
		MaxOutputTokens: req.MaxOutputTokens,
		Background:      true,
		Store:           &store,
	}
	if len(req.Schema) > 0 {
		out.Text = &sdk.ResponseTextConfig{Format: &sdk.ResponseTextFormat{
			Type: "json_schema", Name: req.SchemaName, Schema: req.Schema, Strict: true,
		}}
	}
	return out
}

func (m *Model) startError(ex *llm.Exchange, err error) error {
	if !missing(ex) && !refusesBackground(ex) {
		return err
	}
	m.noBackground.Store(true)
	return m.wire.Unsupported(llm.ErrNoBackground)
}

// missing tells that the endpoint does not know the URL. A model or a file that
// it does not know is another matter, although that is a 404 as well: it has a
// code or a parameter.
func missing(ex *llm.Exchange) bool {
	switch ex.Status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented:
		r := refusal(ex.Body)
		return r.Reason != llm.ReasonModelNotFound && r.Param == ""
	}
	return false
}

// refusesBackground tells that the endpoint knows responses, but cannot keep
// them: vLLM without a store names one of the two parameters.
func refusesBackground(ex *llm.Exchange) bool {
	if ex.Status != http.StatusBadRequest {
		return false
	}
	param := refusal(ex.Body).Param
	return param == "background" || param == "store"
}

// Fetch reads a background response, which is free.
func (m *Model) Fetch(ctx context.Context, id string) (*llm.Response, error) {
	if id == "" {
		return nil, m.wire.Rejected(errors.New("a call without an id"))
	}
	if answer := m.early.get(id); answer != nil {
		return m.outcome(&llm.Exchange{Status: http.StatusOK}, answer)
	}
	ctx, cancel := context.WithTimeout(ctx, llm.CheckTimeout)
	defer cancel()
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.RetrieveResponse(ctx, id)
		return err
	})
	if err != nil {
		return nil, m.fetchError(ex, err)
	}
	answer, err := readResponse(ex.Body)
	if err != nil {
		return nil, llm.Free(m.wire.Unreadable(ex, err))
	}
	return m.outcome(ex, answer)
}

// fetchError tells a call that the provider forgot from one that could not be
// asked for. A 404 counts only in the provider's own words: a proxy that is
// being restarted says 404 too, and the answer that was paid for is still there.
func (m *Model) fetchError(ex *llm.Exchange, err error) error {
	if ex.Status != http.StatusNotFound {
		return llm.Free(err)
	}
	if !refusal(ex.Body).Recognized {
		return m.wire.Astray(ex)
	}
	return m.wire.Gone(ex)
}

// keepEarly keeps an answer that came at once. Some compatible servers ignore
// background and answer when they are done, and may not know the id after
// that, so Complete is the better way to ask them.
func (m *Model) keepEarly(answer *response) {
	if answer.running() || answer.Background {
		return
	}
	m.early.put(answer)
	m.noBackground.Store(true)
}

// earlyAnswers are the answers that came from Start, by their ids. There are at
// most as many as calls that run at the same time, because the first of them
// ends the use of Start.
type earlyAnswers struct {
	mu   sync.Mutex
	byID map[string]*response
}

func (e *earlyAnswers) get(id string) *response {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.byID[id]
}

func (e *earlyAnswers) put(answer *response) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.byID == nil {
		e.byID = map[string]*response{}
	}
	e.byID[answer.ID] = answer
}

// Package openai reaches models that speak OpenAI's chat completions API, and
// where the endpoint has them its background responses and its batches.
package openai

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	sdk "github.com/sashabaranov/go-openai"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// DefaultEndpoint is OpenAI's own API.
const DefaultEndpoint = "https://api.openai.com/v1"

// Options say which model to reach and how.
type Options struct {
	// Endpoint is the base URL with its version; "" means DefaultEndpoint.
	Endpoint string
	Model    string
	Key      llm.Secret
	// Transport carries the requests; nil means http.DefaultTransport.
	Transport http.RoundTripper
	// Timeout bounds one call; 0 means llm.DefaultTimeout.
	Timeout time.Duration
}

// Model is one model behind one key. It is safe for concurrent use.
type Model struct {
	name   string
	wire   *llm.Wire
	client *sdk.Client

	// noBackground and noBatch are what compatible servers turned out to lack.
	noBackground atomic.Bool
	noBatch      atomic.Bool
	early        earlyAnswers
}

var (
	_ llm.Background = (*Model)(nil)
	_ llm.Batcher    = (*Model)(nil)
)

// New checks the options without any request.
func New(opts Options) (*Model, error) {
	if opts.Endpoint == "" {
		opts.Endpoint = DefaultEndpoint
	}
	endpoint, err := llm.NormalEndpoint(opts.Endpoint)
	if err != nil {
		return nil, err
	}
	key, err := llm.NormalKey(opts.Key)
	if err != nil {
		return nil, err
	}
	if err := llm.CheckModelName(opts.Model); err != nil {
		return nil, err
	}
	wire := llm.NewWire(llm.WireOptions{
		Base:      opts.Transport,
		Key:       key,
		Authorize: func(h http.Header, key string) { h.Set("Authorization", "Bearer "+key) },
		Refusal:   refusal,
		Timeout:   opts.Timeout,
	})
	// The SDK gets no key: what it does not hold it cannot print.
	config := sdk.DefaultConfig("")
	config.BaseURL = endpoint
	config.HTTPClient = wire.Client()
	return &Model{name: opts.Model, wire: wire, client: sdk.NewClientWithConfig(config)}, nil
}

// Complete makes one chat completion request.
func (m *Model) Complete(ctx context.Context, req llm.Request) (*llm.Response, error) {
	if err := bounded(req); err != nil {
		return nil, m.wire.Rejected(err)
	}
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.CreateChatCompletion(ctx, m.request(req))
		return err
	})
	if err != nil {
		return nil, err
	}
	out, err := completion(ex.Body)
	if err != nil {
		return nil, m.wire.Unreadable(ex, err)
	}
	return out, nil
}

// bounded refuses a request whose cost has no bound.
func bounded(req llm.Request) error {
	if req.MaxOutputTokens <= 0 {
		return errors.New("MaxOutputTokens must be positive: an answer without a bound has no worst-case cost")
	}
	return nil
}

// Check reads the model's description, which is free.
func (m *Model) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, llm.CheckTimeout)
	defer cancel()
	_, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.GetModel(ctx, m.name)
		return err
	})
	return llm.Free(err)
}

func (m *Model) request(req llm.Request) sdk.ChatCompletionRequest {
	var messages []sdk.ChatCompletionMessage
	if req.System != "" {
		messages = append(messages, sdk.ChatCompletionMessage{Role: sdk.ChatMessageRoleSystem, Content: req.System})
	}
	messages = append(messages, sdk.ChatCompletionMessage{Role: sdk.ChatMessageRoleUser, Content: req.User})
	out := sdk.ChatCompletionRequest{
		Model:               m.name,
		Messages:            messages,
		MaxCompletionTokens: req.MaxOutputTokens,
	}
	if len(req.Schema) > 0 {
		out.ResponseFormat = &sdk.ChatCompletionResponseFormat{
			Type: sdk.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &sdk.ChatCompletionResponseFormatJSONSchema{
				Name: req.SchemaName, Schema: req.Schema, Strict: true,
			},
		}
	}
	return out
}

// completion reads a chat completion's body.
func completion(body []byte) (*llm.Response, error) {
	var answer sdk.ChatCompletionResponse
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, err
	}
	var raw struct {
		Usage json.RawMessage `json:"usage"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, err
	}
	if len(answer.Choices) == 0 && raw.Usage == nil {
		return nil, errors.New("neither choices nor usage in the answer")
	}
	out := &llm.Response{
		Finish:   llm.FinishOther,
		Model:    answer.Model,
		ID:       answer.ID,
		Usage:    usage(answer.Usage),
		RawUsage: raw.Usage,
	}
	if len(answer.Choices) > 0 {
		choice := answer.Choices[0]
		out.Text = choice.Message.Content
		out.Finish = finish(choice)
	}
	return out, nil
}

// finish puts a refusal first: the API reports it beside finish_reason "stop".
func finish(choice sdk.ChatCompletionChoice) llm.Finish {
	if choice.Message.Refusal != "" {
		return llm.FinishRefusal
	}
	switch choice.FinishReason {
	case sdk.FinishReasonStop:
		return llm.FinishStop
	case sdk.FinishReasonLength:
		return llm.FinishLength
	case sdk.FinishReasonContentFilter:
		return llm.FinishRefusal
	}
	return llm.FinishOther
}

// usage takes the overlapping parts out: OpenAI counts cached tokens in
// prompt_tokens and reasoning tokens in completion_tokens.
func usage(u sdk.Usage) llm.Usage {
	var cached, reasoning int
	if u.PromptTokensDetails != nil {
		cached = u.PromptTokensDetails.CachedTokens
	}
	if u.CompletionTokensDetails != nil {
		reasoning = u.CompletionTokensDetails.ReasoningTokens
	}
	return llm.Usage{
		Prompt:       int64(max(u.PromptTokens-cached, 0)),
		CachedPrompt: int64(max(cached, 0)),
		Output:       int64(max(u.CompletionTokens-reasoning, 0)),
		Thinking:     int64(max(reasoning, 0)),
	}
}

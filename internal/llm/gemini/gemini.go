// Package gemini reaches Google's Gemini models through their REST API.
package gemini

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/google/generative-ai-go/genai"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// DefaultEndpoint is Google's own API. The SDK appends /v1beta.
const DefaultEndpoint = "https://generativelanguage.googleapis.com"

// Options say which model to reach and how.
type Options struct {
	// Endpoint is the base URL without a version; "" means DefaultEndpoint.
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
	client *genai.Client
}

var _ llm.Model = (*Model)(nil)

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
		Authorize: func(h http.Header, key string) { h.Set("X-Goog-Api-Key", key) },
		Refusal:   refusal,
		Timeout:   opts.Timeout,
	})
	client, err := newClient(endpoint, wire.Client())
	if err != nil {
		return nil, err
	}
	return &Model{name: opts.Model, wire: wire, client: client}, nil
}

// Complete makes one generateContent request.
func (m *Model) Complete(ctx context.Context, req llm.Request) (*llm.Response, error) {
	if req.MaxOutputTokens <= 0 {
		return nil, m.wire.Rejected(errors.New("MaxOutputTokens must be positive: an answer without a bound has no worst-case cost"))
	}
	model, err := m.configured(req)
	if err != nil {
		return nil, m.wire.Rejected(err)
	}
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := model.GenerateContent(ctx, genai.Text(valid(req.User)))
		return err
	})
	if err != nil {
		return nil, err
	}
	// What the SDK made of the answer is of no use: see response.
	out, err := response(ex.Body)
	if err != nil {
		return nil, m.wire.Unreadable(ex, err)
	}
	return out, nil
}

// Check reads the model's description, which is free.
func (m *Model) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, llm.CheckTimeout)
	defer cancel()
	_, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.GenerativeModel(m.name).Info(ctx)
		return err
	})
	return llm.Free(err)
}

func (m *Model) configured(req llm.Request) (*genai.GenerativeModel, error) {
	model := m.client.GenerativeModel(m.name)
	model.SetMaxOutputTokens(int32(max(0, min(req.MaxOutputTokens, math.MaxInt32))))
	if req.System != "" {
		model.SystemInstruction = &genai.Content{Parts: []genai.Part{genai.Text(valid(req.System))}}
	}
	if len(req.Schema) > 0 {
		schema, err := convertSchema(req.Schema)
		if err != nil {
			return nil, err
		}
		model.ResponseMIMEType = "application/json"
		model.ResponseSchema = schema
	}
	return model, nil
}

// valid replaces bytes that are not UTF-8, because a protobuf string with such
// a byte cannot be sent and pages on the web do contain them.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

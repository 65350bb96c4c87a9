package pipelinetest

import (
	"time"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/llm/gemini"
)

// Gemini is the same model behind the other vendor's wire format.
func (w *Wire) Gemini() ledger.Provider {
	model, err := gemini.New(gemini.Options{Endpoint: w.endpoint, Model: "test", Key: "key"})
	if err != nil {
		w.t.Fatal(err)
	}
	return ledger.Provider{
		Name: "default/gemini", Identity: "Gemini", Model: model, ModelName: "test", Timeout: time.Minute,
		Price: llm.Price{InputNanoPerMillion: 1e9, OutputNanoPerMillion: 2e9},
	}
}

package openai

import (
	"encoding/json"

	sdk "github.com/sashabaranov/go-openai"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// ReadUsage reads a usage object of either API again, as it was recorded; false
// when it is none of OpenAI's.
func ReadUsage(raw json.RawMessage) (llm.Usage, bool) {
	var has struct {
		Input  *int64 `json:"input_tokens"`
		Prompt *int64 `json:"prompt_tokens"`
	}
	if json.Unmarshal(raw, &has) != nil {
		return llm.Usage{}, false
	}
	switch {
	case has.Input != nil:
		return (&response{Usage: raw}).usage(), true
	case has.Prompt != nil:
		var u sdk.Usage
		err := json.Unmarshal(raw, &u)
		return usage(u), err == nil
	}
	return llm.Usage{}, false
}

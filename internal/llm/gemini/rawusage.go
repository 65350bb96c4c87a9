package gemini

import (
	"encoding/json"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// ReadUsage reads usageMetadata again, as it was recorded; false when it is none
// of Gemini's.
func ReadUsage(raw json.RawMessage) (llm.Usage, bool) {
	var has struct {
		Prompt *int64 `json:"promptTokenCount"`
		Total  *int64 `json:"totalTokenCount"`
	}
	var u usageMetadata
	if json.Unmarshal(raw, &has) != nil || json.Unmarshal(raw, &u) != nil || has.Prompt == nil && has.Total == nil {
		return llm.Usage{}, false
	}
	return u.usage(), true
}

package gemini

import (
	"encoding/json"
	"errors"
	"strings"

	pb "cloud.google.com/go/ai/generativelanguage/apiv1beta/generativelanguagepb"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// answer is the part of GenerateContentResponse that the product reads:
// https://ai.google.dev/api/generate-content#generatecontentresponse. It is
// decoded here and not by the SDK, which turns a blocked answer into an error
// without its usage and knows neither thought parts (it would mix them into
// the text) nor modelVersion and responseId.
type answer struct {
	Candidates []struct {
		Content struct {
			Parts []struct {
				Text    string `json:"text"`
				Thought bool   `json:"thought"`
			} `json:"parts"`
		} `json:"content"`
		FinishReason enum `json:"finishReason"`
	} `json:"candidates"`
	PromptFeedback *struct {
		BlockReason enum `json:"blockReason"`
	} `json:"promptFeedback"`
	UsageMetadata json.RawMessage `json:"usageMetadata"`
	ModelVersion  string          `json:"modelVersion"`
	ResponseID    string          `json:"responseId"`
}

type usageMetadata struct {
	Prompt     int64 `json:"promptTokenCount"`
	Cached     int64 `json:"cachedContentTokenCount"`
	Candidates int64 `json:"candidatesTokenCount"`
	Total      int64 `json:"totalTokenCount"`
}

// enum is a protobuf enum: its name, or its number, which is what the SDK asks
// the server for.
type enum struct {
	name   string
	number int32
}

func (e *enum) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &e.name)
	}
	return json.Unmarshal(b, &e.number)
}

func (e enum) set() bool { return e.number != 0 || e.name != "" }

func response(body []byte) (*llm.Response, error) {
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, err
	}
	if len(a.Candidates) == 0 && a.PromptFeedback == nil && a.UsageMetadata == nil {
		return nil, errors.New("neither candidates nor usage in the answer")
	}
	var u usageMetadata
	if a.UsageMetadata != nil {
		if err := json.Unmarshal(a.UsageMetadata, &u); err != nil {
			return nil, err
		}
	}
	return &llm.Response{
		Text:     a.text(),
		Finish:   a.finish(),
		Model:    a.ModelVersion,
		ID:       a.ResponseID,
		Usage:    u.usage(),
		RawUsage: a.UsageMetadata,
	}, nil
}

func (a *answer) text() string {
	if len(a.Candidates) == 0 {
		return ""
	}
	var b strings.Builder
	for _, part := range a.Candidates[0].Content.Parts {
		if !part.Thought {
			b.WriteString(part.Text)
		}
	}
	return b.String()
}

func (a *answer) finish() llm.Finish {
	if a.PromptFeedback != nil && a.PromptFeedback.BlockReason.set() {
		return llm.FinishRefusal
	}
	if len(a.Candidates) == 0 {
		return llm.FinishOther
	}
	return finish(a.Candidates[0].FinishReason)
}

// Numbers of finish reasons that the SDK's generated code is too old to have:
// https://github.com/googleapis/googleapis/blob/master/google/ai/generativelanguage/v1beta/generative_service.proto
const (
	numberBlocklist         = 7
	numberProhibitedContent = 8
	numberSPII              = 9
)

func finish(reason enum) llm.Finish {
	number := reason.number
	if reason.name != "" {
		number = pb.Candidate_FinishReason_value[reason.name]
	}
	switch reason.name {
	case "BLOCKLIST", "PROHIBITED_CONTENT", "SPII":
		return llm.FinishRefusal
	}
	switch number {
	case int32(pb.Candidate_STOP):
		return llm.FinishStop
	case int32(pb.Candidate_MAX_TOKENS):
		return llm.FinishLength
	case int32(pb.Candidate_SAFETY), int32(pb.Candidate_RECITATION),
		numberBlocklist, numberProhibitedContent, numberSPII:
		return llm.FinishRefusal
	}
	return llm.FinishOther
}

// usage takes the overlapping parts out. Gemini counts cached tokens in the
// prompt, and thinking in the total only, so what neither the prompt nor the
// candidates explain is thinking.
func (u usageMetadata) usage() llm.Usage {
	return llm.Usage{
		Prompt:       max(u.Prompt-u.Cached, 0),
		CachedPrompt: max(u.Cached, 0),
		Output:       max(u.Candidates, 0),
		Thinking:     max(u.Total-u.Prompt-u.Candidates, 0),
	}
}

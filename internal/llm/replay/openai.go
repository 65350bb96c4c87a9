package replay

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// openaiDialect is the format of https://platform.openai.com/docs/api-reference/chat.
type openaiDialect struct{}

func (openaiDialect) vendor() Vendor { return OpenAI }

func (openaiDialect) key(r *http.Request) string {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return key
}

func (openaiDialect) userText(body []byte) (string, error) {
	var req struct {
		Messages []chatMessage `json:"messages"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return "", err
	}
	return saidByUser(req.Messages), nil
}

// chatMessage is a message of a chat, or of a response's input.
type chatMessage struct {
	Role    string          `json:"role"`
	Content json.RawMessage `json:"content"`
}

func saidByUser(messages []chatMessage) string {
	var said []string
	for _, m := range messages {
		if m.Role == "user" {
			said = append(said, textOf(m.Content))
		}
	}
	return strings.Join(said, "\n")
}

// textOf reads a message's content, which is a string or a list of parts.
func textOf(content json.RawMessage) string {
	var text string
	if json.Unmarshal(content, &text) == nil {
		return text
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if json.Unmarshal(content, &parts) != nil {
		return ""
	}
	var said []string
	for _, p := range parts {
		said = append(said, p.Text)
	}
	return strings.Join(said, "\n")
}

func (openaiDialect) answer(_ *http.Request, model string, a *answer, u usage) any {
	message := map[string]any{"role": "assistant", "content": a.content(), "refusal": nil}
	finish := a.Finish
	switch finish {
	case "":
		finish = "stop"
	case "refusal":
		finish = "stop"
		message["content"], message["refusal"] = nil, a.content()
		if a.content() == "" {
			message["refusal"] = "I can't help with that."
		}
	}
	return map[string]any{
		"id": "chatcmpl-replay", "object": "chat.completion", "created": 0, "model": model,
		"choices": []any{map[string]any{"index": 0, "message": message, "finish_reason": finish}},
		"usage": map[string]any{
			"prompt_tokens":             u.Prompt + u.Cached,
			"completion_tokens":         u.Output + u.Thinking,
			"total_tokens":              u.Prompt + u.Cached + u.Output + u.Thinking,
			"prompt_tokens_details":     map[string]any{"cached_tokens": u.Cached},
			"completion_tokens_details": map[string]any{"reasoning_tokens": u.Thinking},
		},
	}
}

func (openaiDialect) description(model string) any {
	return map[string]any{"id": model, "object": "model", "created": 0, "owned_by": "replay"}
}

func (openaiDialect) failure(_ int, code, message string, _ time.Duration) any {
	return map[string]any{"error": map[string]any{
		"message": message, "type": "replay_error", "param": nil, "code": code,
	}}
}

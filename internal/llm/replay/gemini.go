package replay

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// geminiDialect is the format of https://ai.google.dev/api/generate-content.
type geminiDialect struct{}

func (geminiDialect) vendor() Vendor { return Gemini }

// key reads the header only: a key in the URL is a leak, and is answered as if
// there were none.
func (geminiDialect) key(r *http.Request) string { return r.Header.Get("X-Goog-Api-Key") }

func (geminiDialect) userText(body []byte) (string, error) {
	var req struct {
		Contents []struct {
			Role  string `json:"role"`
			Parts []struct {
				Text string `json:"text"`
			} `json:"parts"`
		} `json:"contents"`
	}
	if err := json.Unmarshal(body, &req); err != nil {
		return "", err
	}
	var said []string
	for _, c := range req.Contents {
		for _, p := range c.Parts {
			if c.Role == "user" || c.Role == "" {
				said = append(said, p.Text)
			}
		}
	}
	return strings.Join(said, "\n"), nil
}

func (geminiDialect) answer(r *http.Request, model string, a *answer, u usage) any {
	name, number := "STOP", 1
	candidate := map[string]any{"index": 0, "content": map[string]any{
		"role": "model", "parts": []any{map[string]any{"text": a.content()}},
	}}
	switch a.Finish {
	case "length":
		name, number = "MAX_TOKENS", 2
	case "refusal":
		name, number = "SAFETY", 3
		delete(candidate, "content")
	}
	candidate["finishReason"] = name
	if enumsAsNumbers(r) {
		candidate["finishReason"] = number
	}
	return map[string]any{
		"candidates":   []any{candidate},
		"modelVersion": model,
		"responseId":   "replay",
		"usageMetadata": map[string]any{
			"promptTokenCount":        u.Prompt + u.Cached,
			"cachedContentTokenCount": u.Cached,
			"candidatesTokenCount":    u.Output,
			"thoughtsTokenCount":      u.Thinking,
			"totalTokenCount":         u.Prompt + u.Cached + u.Output + u.Thinking,
		},
	}
}

// enumsAsNumbers is how Google's own clients ask for enums. The parameter has
// a semicolon in its value, which Google accepts escaped.
func enumsAsNumbers(r *http.Request) bool {
	alt := r.URL.Query().Get("$alt")
	return strings.Contains(alt, "enum-encoding=int")
}

func (geminiDialect) description(model string) any {
	return map[string]any{
		"name": "models/" + model, "displayName": model,
		"supportedGenerationMethods": []string{"generateContent"},
	}
}

func (geminiDialect) failure(status int, code, message string, retryAfter time.Duration) any {
	var details []any
	info := func(reason string) {
		details = append(details, map[string]any{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com",
		})
	}
	switch code {
	case "invalid_api_key":
		info("API_KEY_INVALID")
	case "insufficient_quota":
		info("BILLING_DISABLED")
	case "transcript_not_found", "reference_missing":
		info(strings.ToUpper(code))
	}
	if retryAfter > 0 {
		details = append(details, map[string]any{
			"@type":      "type.googleapis.com/google.rpc.RetryInfo",
			"retryDelay": strconv.FormatFloat(retryAfter.Seconds(), 'f', -1, 64) + "s",
		})
	}
	return map[string]any{"error": map[string]any{
		"code": status, "message": message, "status": googleStatus(status), "details": details,
	}}
}

// googleStatus is the google.rpc.Code that goes with an HTTP status.
func googleStatus(status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "UNAUTHENTICATED"
	case http.StatusForbidden:
		return "PERMISSION_DENIED"
	case http.StatusNotFound:
		return "NOT_FOUND"
	case http.StatusTooManyRequests:
		return "RESOURCE_EXHAUSTED"
	case http.StatusServiceUnavailable:
		return "UNAVAILABLE"
	case http.StatusGatewayTimeout:
		return "DEADLINE_EXCEEDED"
	}
	if status >= http.StatusInternalServerError {
		return "INTERNAL"
	}
	return "INVALID_ARGUMENT"
}

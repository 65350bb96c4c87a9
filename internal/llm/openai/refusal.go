package openai

import (
	"encoding/json"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// errorBody is OpenAI's error format:
// https://platform.openai.com/docs/guides/error-codes. Code is a string or
// null there, and a number at some compatible servers.
type errorBody struct {
	Error *struct {
		Message string          `json:"message"`
		Type    string          `json:"type"`
		Param   string          `json:"param"`
		Code    json.RawMessage `json:"code"`
	} `json:"error"`
}

func refusal(body []byte) llm.Refusal {
	var e errorBody
	if err := json.Unmarshal(body, &e); err != nil || e.Error == nil {
		return llm.Refusal{}
	}
	var code string
	if json.Unmarshal(e.Error.Code, &code) != nil || code == "" {
		code = e.Error.Type
	}
	reason := reasonOf(code)
	if reason == "" {
		// insufficient_quota is the type as well as the code, and older
		// answers carry it as the type alone.
		reason = reasonOf(e.Error.Type)
	}
	return llm.Refusal{
		Recognized: true,
		Reason:     reason,
		Code:       code,
		Param:      e.Error.Param,
		Detail:     e.Error.Message,
	}
}

// reasonOf names the codes that say more than their HTTP status.
func reasonOf(code string) llm.Reason {
	switch code {
	case "insufficient_quota", "billing_hard_limit_reached", "billing_not_active":
		return llm.ReasonQuotaExhausted
	case "context_length_exceeded", "string_above_max_length":
		return llm.ReasonContextTooLong
	case "invalid_api_key":
		return llm.ReasonUnauthorized
	case "account_deactivated", "access_terminated", "organization_restricted":
		// The last is Groq's.
		return llm.ReasonAccountSuspended
	case "unsupported_country_region_territory":
		return llm.ReasonForbidden
	case "model_not_found":
		return llm.ReasonModelNotFound
	}
	return ""
}

package gemini

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// dailyQuotaPause is the least to wait after a per-day quota is used up. The
// RetryInfo beside it speaks of seconds, although the quota comes back at
// midnight in California.
const dailyQuotaPause = 15 * time.Minute

// errorBody is google.rpc.Status as REST shows it:
// https://cloud.google.com/apis/design/errors#http_mapping.
type errorBody struct {
	Error *struct {
		Message string   `json:"message"`
		Status  string   `json:"status"`
		Details []detail `json:"details"`
	} `json:"error"`
}

// detail is any of the details in google/rpc/error_details.proto; their fields
// have different names, so one struct takes them all.
type detail struct {
	Type       string `json:"@type"`
	Reason     string `json:"reason"`
	RetryDelay string `json:"retryDelay"`
	Violations []struct {
		QuotaID    string `json:"quotaId"`
		QuotaValue string `json:"quotaValue"`
	} `json:"violations"`
	FieldViolations []struct {
		Field string `json:"field"`
	} `json:"fieldViolations"`
}

const (
	typeErrorInfo    = "type.googleapis.com/google.rpc.ErrorInfo"
	typeQuotaFailure = "type.googleapis.com/google.rpc.QuotaFailure"
	typeRetryInfo    = "type.googleapis.com/google.rpc.RetryInfo"
	typeBadRequest   = "type.googleapis.com/google.rpc.BadRequest"
)

func refusal(body []byte) llm.Refusal {
	var e errorBody
	if err := json.Unmarshal(body, &e); err != nil || e.Error == nil {
		return llm.Refusal{}
	}
	out := llm.Refusal{
		Recognized: true,
		Reason:     reasonOf(e.Error.Status),
		Code:       e.Error.Status,
		Detail:     e.Error.Message,
	}
	for _, d := range e.Error.Details {
		d.apply(&out)
	}
	return out
}

func (d *detail) apply(out *llm.Refusal) {
	switch d.Type {
	case typeErrorInfo:
		if d.Reason == "" {
			return
		}
		out.Code = d.Reason
		if reason := reasonOf(d.Reason); reason != "" {
			out.Reason = reason
		}
	case typeRetryInfo:
		// A google.protobuf.Duration in JSON, such as "34.5s".
		if wait, err := time.ParseDuration(d.RetryDelay); err == nil {
			out.RetryAfter = max(out.RetryAfter, wait)
		}
	case typeBadRequest:
		if len(d.FieldViolations) > 0 {
			out.Param = d.FieldViolations[0].Field
		}
	case typeQuotaFailure:
		d.applyQuota(out)
	}
}

// applyQuota reads the quota's identifier, such as
// GenerateRequestsPerDayPerProjectPerModel-FreeTier.
func (d *detail) applyQuota(out *llm.Refusal) {
	for _, v := range d.Violations {
		switch {
		case v.QuotaValue == "0":
			// A quota of nothing: the plan lacks this model, and no wait helps.
			out.Reason = llm.ReasonQuotaExhausted
		case strings.Contains(v.QuotaID, "PerDay"):
			out.RetryAfter = max(out.RetryAfter, dailyQuotaPause)
		}
	}
}

// reasonOf names the statuses and ErrorInfo reasons that say more than their
// HTTP status:
// https://github.com/googleapis/googleapis/blob/master/google/api/error_reason.proto
func reasonOf(code string) llm.Reason {
	switch code {
	case "API_KEY_INVALID", "API_KEY_EXPIRED":
		return llm.ReasonUnauthorized
	case "CONSUMER_SUSPENDED", "GCP_SUSPENDED", "ACCOUNT_STATE_INVALID":
		return llm.ReasonAccountSuspended
	case "FAILED_PRECONDITION", "SERVICE_DISABLED",
		"API_KEY_SERVICE_BLOCKED", "API_KEY_IP_ADDRESS_BLOCKED":
		return llm.ReasonForbidden
	case "BILLING_DISABLED":
		return llm.ReasonQuotaExhausted
	case "CANCELLED":
		return llm.ReasonOverloaded
	}
	return ""
}

package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"time"

	"sigs.k8s.io/yaml"
)

// transcript is one file: the answers to one step of one problem.
type transcript struct {
	Answers []answer `json:"answers"`
}

// answer is what one attempt gets: a text or a JSON value with the usage, or a
// failure.
type answer struct {
	Attempt int             `json:"attempt"`
	Text    string          `json:"text"`
	JSON    json.RawMessage `json:"json"`
	// Finish is stop (also when empty), length or refusal.
	Finish string `json:"finish"`
	Usage  *usage `json:"usage"`
	// Latency replaces the server's default.
	Latency *duration `json:"latency"`
	// Status other than 200 answers an error, with RetryAfter when stated.
	Status     int      `json:"status"`
	RetryAfter duration `json:"retryAfter"`
	// Code is the vendor's error code for Status; empty means the usual one.
	Code string `json:"code"`
	// Fail is drop or hang.
	Fail string `json:"fail"`
}

// usage counts tokens as llm.Usage does: without overlaps.
type usage struct {
	Prompt   int `json:"prompt"`
	Cached   int `json:"cached"`
	Output   int `json:"output"`
	Thinking int `json:"thinking"`
}

// duration reads Go's notation, such as 300ms.
type duration time.Duration

func (d *duration) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(s)
	*d = duration(parsed)
	return err
}

// find reads the answer for a reference. Its errors name the file and the
// attempt, which is what whoever writes transcripts needs to know.
func find(files fs.FS, ref reference) (*answer, error) {
	name := fmt.Sprintf("%s/%s/%s.yaml", ref.platform, ref.id, ref.step)
	if !fs.ValidPath(name) {
		return nil, fmt.Errorf("the reference gives no file's name: %s", name)
	}
	raw, err := fs.ReadFile(files, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no transcript %s (wanted for attempt %d)", name, ref.attempt)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	var t transcript
	if err := yaml.UnmarshalStrict(raw, &t); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	for i := range t.Answers {
		if t.Answers[i].Attempt == ref.attempt {
			return &t.Answers[i], t.Answers[i].check(name)
		}
	}
	return nil, fmt.Errorf("transcript %s has no answer for attempt %d", name, ref.attempt)
}

func (a *answer) check(name string) error {
	switch a.Finish {
	case "", "stop", "length", "refusal":
	default:
		return fmt.Errorf("%s, attempt %d: finish %q is none of stop, length, refusal", name, a.Attempt, a.Finish)
	}
	switch FaultKind(a.Fail) {
	case "", FaultDrop, FaultHang:
	default:
		return fmt.Errorf("%s, attempt %d: fail %q is neither drop nor hang", name, a.Attempt, a.Fail)
	}
	if a.Status != 0 && (a.Status < 200 || a.Status > 599) {
		return fmt.Errorf("%s, attempt %d: %d is not an HTTP status", name, a.Attempt, a.Status)
	}
	return nil
}

// failed is true for an answer that is an error.
func (a *answer) failed() bool { return a.Status != 0 && a.Status != http.StatusOK }

func (a *answer) content() string {
	if len(a.JSON) > 0 {
		return string(a.JSON)
	}
	return a.Text
}

// code is the error code that goes with the answer's status.
func (a *answer) code() string {
	switch {
	case a.Code != "":
		return a.Code
	case a.Status == http.StatusTooManyRequests:
		return "rate_limit_exceeded"
	case a.Status == http.StatusUnauthorized:
		return "invalid_api_key"
	case a.Status >= http.StatusInternalServerError:
		return "server_error"
	}
	return "invalid_request_error"
}

// usage is the stated one, or one made from the lengths: about four bytes make
// a token of English.
func (a *answer) usage(promptBytes int) usage {
	if a.Usage != nil {
		return *a.Usage
	}
	return usage{Prompt: promptBytes/4 + 1, Output: len(a.content())/4 + 1}
}

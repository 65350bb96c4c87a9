package llm

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
)

const redacted = "[redacted]"

// Secret is an API key. Every way of printing it, whatever the verb, gives
// "[redacted]"; only Reveal gives the key.
type Secret string

// Reveal returns the key itself. Only the code that puts it into a request
// header has a use for it.
func (s Secret) Reveal() string { return string(s) }

func (s Secret) String() string { return redacted }

// GoString covers %#v for code that asks for it by name.
func (s Secret) GoString() string { return redacted }

// Format covers all verbs: fmt falls back to the raw string for a verb such as
// %d, which String alone would not prevent.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalJSON hides the key from JSON, map values included.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText hides the key from other encoders, XML among them. As the key of
// a JSON map a Secret would show: encoding/json takes strings as they are.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue hides the key from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// Redact returns text with the secret replaced, also where it stands escaped
// as it would be in a URL or in a JSON or Go string.
func Redact(text string, secret Secret) string {
	key := secret.Reveal()
	if key == "" || text == "" {
		return text
	}
	for _, form := range spellings(key) {
		text = strings.ReplaceAll(text, form, redacted)
	}
	return text
}

func spellings(key string) []string {
	forms := []string{key, url.QueryEscape(key), url.PathEscape(key)}
	if quoted, err := json.Marshal(key); err == nil {
		forms = append(forms, strings.Trim(string(quoted), `"`))
	}
	return append(forms, strings.Trim(fmt.Sprintf("%q", key), `"`))
}

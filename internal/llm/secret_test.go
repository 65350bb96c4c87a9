package llm_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

const planted = `sk-"planted/key+4711`

func TestASecretIsNeverPrinted(t *testing.T) {
	secret := llm.Secret(planted)
	type holder struct {
		Key  llm.Secret
		Keys map[string]llm.Secret
		Any  any
	}
	h := holder{secret, map[string]llm.Secret{"a": secret}, secret}
	var said []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t"} {
		said = append(said, fmt.Sprintf(verb, secret), fmt.Sprintf(verb, h), fmt.Sprintf(verb, &h))
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "key", secret, "holder", h)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "key", secret, "holder", h)
	encoded, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	said = append(said, log.String(), string(encoded))
	for _, s := range said {
		if strings.Contains(s, "planted") || strings.Contains(s, fmt.Sprintf("%x", "planted")) {
			t.Errorf("the key stands in %s", s)
		}
	}
	if secret.Reveal() != planted {
		t.Error("the key is lost")
	}
}

func TestRedactFindsEverySpellingOfTheKey(t *testing.T) {
	quoted, err := json.Marshal(planted)
	if err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{
		planted, url.QueryEscape(planted), url.PathEscape(planted), string(quoted), fmt.Sprintf("%q", planted),
	} {
		got := llm.Redact("Get \"https://x/?key="+spelling+"&a=b\": failed", planted)
		if strings.Contains(got, "planted") || !strings.HasSuffix(got, "failed") {
			t.Errorf("%s became %s", spelling, got)
		}
	}
	if got := llm.Redact("text", ""); got != "text" {
		t.Errorf("an empty key changed the text to %q", got)
	}
}

func TestKeysAndEndpointsAreChecked(t *testing.T) {
	if got, err := llm.NormalKey(" sk-1\n"); err != nil || got.Reveal() != "sk-1" {
		t.Errorf("got %q, %v", got.Reveal(), err)
	}
	for _, key := range []llm.Secret{"", " \n", "sk-1\nsk-2", "sk-\x00", "ключ"} {
		if _, err := llm.NormalKey(key); err == nil {
			t.Errorf("%q passed", key.Reveal())
		}
	}
	if got, err := llm.NormalEndpoint("https://x.example/v1/ "); err != nil || got != "https://x.example/v1" {
		t.Errorf("got %q, %v", got, err)
	}
	for _, endpoint := range []string{"", "x.example/v1", "ftp://x", "https://", "https://planted:pw@x", "https://x?key=planted", "https://x#y", "https://planted\n/"} {
		_, err := llm.NormalEndpoint(endpoint)
		if err == nil || strings.Contains(err.Error(), "planted") {
			t.Errorf("%q: %v", endpoint, err)
		}
	}
	for name, want := range map[string]bool{
		"gpt-4o": true, "models/gemini-2.5-pro": true, "meta-llama/Llama-3.1:free": true,
		"": false, "../files": false, "a/../b": false, "a?key=b": false, "a b": false, "a%2f": false, "a//b": false,
	} {
		if err := llm.CheckModelName(name); (err == nil) != want {
			t.Errorf("%q: %v", name, err)
		}
	}
}

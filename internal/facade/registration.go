package facade

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/source"
)

// maxBody bounds a request; a registration is a few hundred bytes.
const maxBody = 64 << 10

// registration asks for a problem to be published.
type registration struct {
	URL       string   `json:"problem_url"`
	Rating    *int32   `json:"difficulty_rating"`
	Languages []string `json:"languages"`

	// key and canonical are what the address stands for.
	key       problem.Key
	canonical string
}

// types say what each field must be.
var types = map[string]string{
	"problem_url":       "must be a text",
	"difficulty_rating": "must be a whole number",
	"languages":         "must be a list of texts",
}

func read(r *http.Request) (*registration, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, unread(err)
	}
	wanted, err := decode(raw)
	if err != nil {
		return nil, err
	}
	if wanted.URL == "" {
		return nil, invalid("problem_url", "is required")
	}
	wanted.key, wanted.canonical, err = source.Identify(wanted.URL)
	if err != nil {
		return nil, invalid("problem_url", "must be the http or https address of one problem")
	}
	return wanted, nil
}

// unread says why a body did not arrive whole.
func unread(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return &Problem{Status: http.StatusRequestEntityTooLarge, Title: "Too large", Detail: "the body is larger than 64 KiB"}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Problem{Status: http.StatusRequestTimeout, Title: "Timeout", Detail: "the body did not arrive in time"}
	}
	return malformed()
}

func malformed() *Problem {
	return &Problem{Status: http.StatusBadRequest, Title: "Invalid request", Detail: `the body must be one JSON object like {"problem_url": "https://codeforces.com/problemset/problem/4/A"}`}
}

// decode takes exactly one object with known fields. The names are looked at
// first, because the decoder tells of an unknown one in words only.
func decode(raw []byte) (*registration, error) {
	var fields map[string]json.RawMessage
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) || json.Unmarshal(raw, &fields) != nil {
		return nil, malformed()
	}
	for name := range fields {
		if types[name] == "" {
			return nil, invalid(name, "is not known; the fields are problem_url, difficulty_rating and languages")
		}
	}
	wanted := &registration{}
	err := json.Unmarshal(raw, wanted)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil, invalid(wrong.Field, types[wrong.Field])
	}
	if err != nil {
		return nil, malformed()
	}
	return wanted, nil
}

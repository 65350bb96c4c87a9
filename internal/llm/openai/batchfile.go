package openai

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// maxBatchFile bounds a batch's output. The input is at most 200 MB, and an
// answer of this product is shorter than the prompt it answers; what a file
// holds beyond its answers' texts is not kept, so this is no measure of memory.
// maxBatchLine bounds one answer as any other call's.
const (
	maxBatchFile = 256 << 20
	maxBatchLine = 8 << 20
)

// batchLine is one line of an output or error file. A rejected request has a
// response with an error's status and body; error is for one that got none.
type batchLine struct {
	CustomID string `json:"custom_id"`
	Response *struct {
		StatusCode int             `json:"status_code"`
		Body       json.RawMessage `json:"body"`
	} `json:"response"`
	Error *struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

// download adds a file's results. A file that the provider no longer has is
// its answer to the batch: every result in it is lost.
func (m *Model) download(ctx context.Context, file string, results map[string]llm.BatchResult) error {
	found := map[string]llm.BatchResult{}
	read := func(r io.Reader) error {
		return eachLine(r, maxBatchLine, func(text []byte) { m.addResult(found, text) })
	}
	ex, err := m.wire.Download(ctx, maxBatchFile, read, func(ctx context.Context) error {
		content, err := m.client.GetFileContent(ctx, url.PathEscape(file))
		if err != nil {
			return err
		}
		return content.Close()
	})
	if err != nil {
		return m.fetchError(ex, err)
	}
	for id, r := range found {
		if results[id].Response == nil {
			results[id] = r
		}
	}
	return nil
}

// addResult takes what it can from a line. A line that is cut, too long or of
// another shape leaves its request without a result.
func (m *Model) addResult(results map[string]llm.BatchResult, text []byte) {
	var l batchLine
	if json.Unmarshal(text, &l) != nil || l.CustomID == "" {
		return
	}
	if l.Response == nil && l.Error == nil {
		return
	}
	results[l.CustomID] = m.result(&l)
}

func (m *Model) result(l *batchLine) llm.BatchResult {
	switch {
	case l.Response == nil:
		return llm.BatchResult{Err: llm.AsError(m.wire.Refused(0, l.refusal()))}
	case l.Response.StatusCode != http.StatusOK:
		return llm.BatchResult{Err: llm.AsError(m.wire.Refused(l.Response.StatusCode, refusal(l.Response.Body)))}
	}
	out, err := completion(l.Response.Body)
	if err != nil {
		ex := &llm.Exchange{Status: l.Response.StatusCode}
		return llm.BatchResult{Err: llm.AsError(m.wire.Unreadable(ex, err))}
	}
	return llm.BatchResult{Response: out}
}

// refusal is why a request was not worked on: batch_expired, batch_cancelled
// or request_timeout. Only completed requests are charged for.
func (l *batchLine) refusal() llm.Refusal {
	out := llm.Refusal{Recognized: true, Reason: llm.ReasonOverloaded, Code: l.Error.Code, Detail: l.Error.Message}
	if reason := reasonOf(l.Error.Code); reason != "" {
		out.Reason = reason
	}
	if l.Error.Code == "request_timeout" {
		out.Reason = llm.ReasonTimeout
	}
	return out
}

// eachLine calls do with each line of at most limit bytes and skips longer
// ones. The bytes are valid during the call only.
func eachLine(r io.Reader, limit int, do func([]byte)) error {
	buffered := bufio.NewReaderSize(r, 64<<10)
	var text []byte
	skip := false
	for {
		part, err := buffered.ReadSlice('\n')
		if skip = skip || len(text)+len(part) > limit; !skip {
			text = append(text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if !skip && len(text) > 0 {
			do(text)
		}
		if err != nil {
			return nil
		}
		text, skip = text[:0], false
	}
}

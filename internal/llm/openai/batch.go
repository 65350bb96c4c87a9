package openai

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	sdk "github.com/sashabaranov/go-openai"

	"github.com/algoitny/algoitny-operator/internal/llm"
)

// OpenAI's bounds on a batch:
// https://developers.openai.com/api/reference/resources/batches.
const (
	maxBatchItems = 50_000
	maxBatchBytes = 200_000_000
	maxItemID     = 64
	maxMark       = 512
)

// markKey is the mark's key in a batch's metadata.
const markKey = "algoitny"

const completionWindow = "24h"

// A list of batches begins with the newest, and a mark is looked for soon after
// its batch was sent: one that stands behind 10,000 others is none of ours.
const (
	batchesPerPage = 100
	maxBatchPages  = 100
)

// line is a finished line of a batch's input file. The SDK's own lines swallow
// the error of a request that JSON cannot express.
type line []byte

func (l line) MarshalBatchLineItem() []byte { return l }

// SendBatch uploads the requests as a file, which is free, and creates a batch
// of it: https://developers.openai.com/api/docs/guides/batch.
func (m *Model) SendBatch(ctx context.Context, mark string, items []llm.BatchItem) (string, error) {
	lines, err := m.lines(mark, items)
	if err != nil {
		return "", m.wire.Rejected(err)
	}
	if m.noBatch.Load() {
		return "", m.wire.Unsupported(llm.ErrNoBatch)
	}
	file, err := m.upload(ctx, lines)
	if err != nil {
		return "", err
	}
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.CreateBatch(ctx, sdk.CreateBatchRequest{
			InputFileID:      file,
			Endpoint:         sdk.BatchEndpointChatCompletions,
			CompletionWindow: completionWindow,
			Metadata:         map[string]any{markKey: mark},
		})
		return err
	})
	if err != nil {
		return "", m.batchError(ex, err)
	}
	id, err := identified(ex.Body)
	if err != nil {
		return "", m.wire.Unreadable(ex, err)
	}
	return id, nil
}

func (m *Model) lines(mark string, items []llm.BatchItem) ([]sdk.BatchLineItem, error) {
	if len(items) == 0 || len(items) > maxBatchItems {
		return nil, fmt.Errorf("a batch has 1 to %d requests, not %d", maxBatchItems, len(items))
	}
	if mark == "" || len(mark) > maxMark {
		return nil, fmt.Errorf("a batch's mark has 1 to %d bytes", maxMark)
	}
	size, seen, out := 0, map[string]bool{}, make([]sdk.BatchLineItem, 0, len(items))
	for _, item := range items {
		if item.ID == "" || len(item.ID) > maxItemID || seen[item.ID] {
			return nil, fmt.Errorf("an item's id has 1 to %d bytes and is unique in its batch", maxItemID)
		}
		seen[item.ID] = true
		text, err := m.line(item)
		if err != nil {
			return nil, fmt.Errorf("item %s: %w", item.ID, err)
		}
		size += len(text) + 1
		out = append(out, text)
	}
	if size > maxBatchBytes {
		return nil, fmt.Errorf("the batch has %d bytes: the most is %d", size, maxBatchBytes)
	}
	return out, nil
}

func (m *Model) line(item llm.BatchItem) (line, error) {
	if err := bounded(item.Request); err != nil {
		return nil, err
	}
	return json.Marshal(sdk.BatchChatCompletionRequest{
		CustomID: item.ID,
		Method:   http.MethodPost,
		URL:      sdk.BatchEndpointChatCompletions,
		Body:     m.request(item.Request),
	})
}

func (m *Model) upload(ctx context.Context, lines []sdk.BatchLineItem) (string, error) {
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.UploadBatchFile(ctx, sdk.UploadBatchFileRequest{FileName: "batch.jsonl", Lines: lines})
		return err
	})
	if err != nil {
		return "", llm.Free(m.batchError(ex, err))
	}
	id, err := identified(ex.Body)
	if err != nil {
		return "", llm.Free(m.wire.Unreadable(ex, err))
	}
	return id, nil
}

func (m *Model) batchError(ex *llm.Exchange, err error) error {
	switch r := refusal(ex.Body); {
	case missing(ex):
		m.noBatch.Store(true)
		return m.wire.Unsupported(llm.ErrNoBatch)
	case ex.Status == http.StatusNotFound && r.Reason == "":
		// The file that was just uploaded, and not the model.
		r.Reason = llm.ReasonOverloaded
		return m.wire.Refused(ex.Status, r)
	}
	return err
}

func identified(body []byte) (string, error) {
	var object struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &object); err != nil {
		return "", err
	}
	if object.ID == "" {
		return "", errors.New("no id in the answer")
	}
	return object.ID, nil
}

// FindBatch reads the list of batches, which is free.
func (m *Model) FindBatch(ctx context.Context, mark string) (string, error) {
	after := ""
	for range maxBatchPages {
		page, err := m.batches(ctx, after)
		if err != nil {
			return "", err
		}
		if id := page.find(mark); id != "" {
			return id, nil
		}
		after = page.last()
		if !page.HasMore || after == "" {
			return "", nil
		}
	}
	return "", nil
}

func (m *Model) batches(ctx context.Context, after string) (*batchList, error) {
	ctx, cancel := context.WithTimeout(ctx, llm.CheckTimeout)
	defer cancel()
	limit, from := batchesPerPage, &after
	if after == "" {
		from = nil
	}
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.ListBatch(ctx, from, &limit)
		return err
	})
	if err != nil {
		return nil, llm.Free(m.batchError(ex, err))
	}
	var page batchList
	if err := json.Unmarshal(ex.Body, &page); err != nil {
		return nil, llm.Free(m.wire.Unreadable(ex, err))
	}
	return &page, nil
}

// FetchBatch reads a batch and, once it is done, its files. All of it is free.
func (m *Model) FetchBatch(ctx context.Context, id string) (*llm.Batch, error) {
	b, err := m.batch(ctx, id)
	if err != nil {
		return nil, err
	}
	if !b.done() {
		return &llm.Batch{}, nil
	}
	results := map[string]llm.BatchResult{}
	for _, file := range []string{b.OutputFile, b.ErrorFile} {
		if file == "" {
			continue
		}
		if err := m.download(ctx, file, results); err != nil {
			return nil, err
		}
	}
	return &llm.Batch{Done: true, Results: results, Failed: m.failed(b, results)}, nil
}

func (m *Model) batch(ctx context.Context, id string) (*batch, error) {
	if id == "" {
		return nil, m.wire.Rejected(errors.New("a batch without an id"))
	}
	ctx, cancel := context.WithTimeout(ctx, llm.CheckTimeout)
	defer cancel()
	ex, err := m.wire.Call(ctx, func(ctx context.Context) error {
		_, err := m.client.RetrieveBatch(ctx, url.PathEscape(id))
		return err
	})
	if err != nil {
		return nil, m.fetchError(ex, err)
	}
	var b batch
	if err := json.Unmarshal(ex.Body, &b); err != nil {
		return nil, llm.Free(m.wire.Unreadable(ex, err))
	}
	return &b, nil
}

package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Provenance says what an item was made of: with the recorded answers it can be
// made again without a paid call. What was stored before all of this was kept
// has only some of it.
type Provenance struct {
	// CallHash names the ledger's row of the last call.
	CallHash      string `json:"callHash,omitempty"`
	PromptVersion string `json:"promptVersion,omitempty"`
	// Provider is namespace/name of the ModelProvider, Identity its vendor,
	// endpoint and model, and Model the model's name.
	Provider string `json:"provider,omitempty"`
	Identity string `json:"identity,omitempty"`
	Model    string `json:"model,omitempty"`
	// Tokens is the number of tokens of all kinds.
	Tokens int64 `json:"tokens,omitempty"`
	// CostNano is in 1e-9 of the currency.
	CostNano int64  `json:"costNano,omitempty"`
	Currency string `json:"currency,omitempty"`
	// Calls are all answers that were used, in the order in which they were.
	Calls []UsedCall `json:"calls,omitempty"`
	// Page is what a problem was read from.
	Page       Page       `json:"page,omitzero"`
	Parameters Parameters `json:"parameters,omitzero"`
	// Environments are what the programs ran in: images with their digests, or
	// versions of the toolchains of a machine without images.
	Environments []string `json:"environments,omitempty"`
}

// UsedCall is a recorded answer that an item was made of.
type UsedCall struct {
	// Hash names the ledger's row.
	Hash          string `json:"hash"`
	Step          string `json:"step"`
	Attempt       int    `json:"attempt"`
	PromptVersion string `json:"promptVersion"`
	// CostNano is in 1e-9 of the Provenance's currency.
	CostNano int64 `json:"costNano,omitempty"`
}

// Page tells of a fetched or saved page.
type Page struct {
	// URL is the final address, after redirects.
	URL         string `json:"url,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	// Digest is the hexadecimal SHA-256 of the bytes, Size their number.
	Digest string `json:"digest,omitempty"`
	Size   int64  `json:"size,omitempty"`
}

// Parameters are what decides about an item beside the problem and the model.
// Seeds are not among them: each test's recipe ends with its own.
type Parameters struct {
	// URL is the address that was asked for; it names the problem.
	URL string `json:"url,omitempty"`
	// Language and Dialect are a solution's.
	Language string `json:"language,omitempty"`
	Dialect  string `json:"dialect,omitempty"`
	// MaxAttempts bounds the answers to a step, Rounds the questions for tests
	// against what survives, Mutants those of each solution.
	MaxAttempts int `json:"maxAttempts,omitempty"`
	Rounds      int `json:"rounds,omitempty"`
	Mutants     int `json:"mutants,omitempty"`
	// Challengers are the source digests of programs from elsewhere that took
	// part; the SuiteRecord has them whole.
	Challengers []string `json:"challengers,omitempty"`
	// Refresh, Renewal and Scope are in the hashes of the calls: what a person
	// asked anew with, and the namespace that keeps its answers to itself.
	Refresh string `json:"refresh,omitempty"`
	Renewal string `json:"renewal,omitempty"`
	Scope   string `json:"scope,omitempty"`
}

// ProblemPage reads the page that a stored problem was read from, as it was
// fetched. ErrNotFound says that there is none: the problem is not stored or
// was not read from a page, its text is not to be kept, or it was stored before
// pages were.
func (s *Store) ProblemPage(ctx context.Context, k problem.Key) ([]byte, error) {
	var last string
	for {
		row, err := s.visible(ctx, k)
		if err != nil {
			return nil, err
		}
		if row.Page.ID == "" {
			return nil, fmt.Errorf("page of %s: %w", k, ErrNotFound)
		}
		raw, err := s.readBeside(ctx, key{ProblemPartition(k), skPage}, prefixPage, row.Page)
		if _, table := errors.AsType[*Error](err); err == nil || table {
			return raw, err
		}
		// As with statements, it may have been replaced between the two reads.
		if row.WriteID == last {
			return nil, damaged("page", err)
		}
		last = row.WriteID
	}
}

// setPage has a page written beside its problem. One that is there already is
// kept and not written again.
func (w *problemWrite) setPage(rec *ProblemRecord) error {
	of := &w.row.Provenance.Page
	if len(rec.Page) > 0 {
		of.Digest, of.Size = sha(rec.Page), int64(len(rec.Page))
	}
	switch {
	case rec.OmitStatement || of.Digest == "":
		return nil
	case w.old != nil && w.old.Page.ID != "" && w.old.Provenance.Page.Digest == of.Digest:
		w.row.Page = w.old.Page
		return nil
	case len(rec.Page) == 0:
		return nil
	}
	var err error
	if w.page, err = newBody(w.row.WriteID, rec.Page, chunkBytes); err != nil {
		return err
	}
	w.row.Page = w.page.ref
	return nil
}

// pageWrites are what the transaction does to the page's own item.
func (s *Store) pageWrites(w *problemWrite) []types.TransactWriteItem {
	at := key{w.pk, skPage}
	switch {
	case w.page.ref.ID != "" && w.page.inline():
		return []types.TransactWriteItem{s.putWrite(w.page.item(at), condition{})}
	case w.old != nil && w.old.Page.ID != "" && w.old.Page.Chunks == 0 && w.row.Page != w.old.Page:
		return []types.TransactWriteItem{s.deleteWrite(at, condition{})}
	}
	return nil
}

// stalePages lists the chunks of pages that no reader needs once w is
// committed, by the rule of staleChunks.
func (s *Store) stalePages(ctx context.Context, w *problemWrite) ([]item, error) {
	if w.old == nil || w.row.Page == w.old.Page || w.page.ref.Chunks == 0 && w.old.Page.Chunks == 0 {
		return nil, nil
	}
	return s.partition(ctx, w.pk, prefixPage, keysOnly)
}

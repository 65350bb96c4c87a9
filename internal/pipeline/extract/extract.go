// Package extract turns a page into a problem: the markup's facts first, the
// model for the rest, and every claim of the model checked against the page.
package extract

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/prompt"
	"github.com/algoitny/algoitny-operator/internal/source"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// maxAsks is the first question and at most two more with the reason.
const maxAsks = 3

// Fetcher reads a page; with an etag that still holds the page has no body.
type Fetcher interface {
	Fetch(ctx context.Context, rawURL, etag string) (*source.Page, error)
}

// Extractor is safe for concurrent use.
type Extractor struct {
	Pages  Fetcher
	Ledger pipeline.Asker
}

// Input is one page to read.
type Input struct {
	Provider ledger.Provider
	// URL is the page's address; it names the problem.
	URL string
	// Saved is the page itself where somebody saved it; nothing is fetched.
	Saved *source.Page
	// Known is what an earlier reading gave, with the page's ETag then.
	Known *problem.Problem
	ETag  string
	// Payer pays for the answers.
	Payer ledger.Payer
}

// Output is a checked problem.
type Output struct {
	Problem problem.Problem
	// Page tells where the facts come from.
	Adapter    string
	ETag       string
	PageDigest string
	// Unchanged says that the page is still the known one.
	Unchanged bool
	// LeftOut lists claims that do not stand in the page.
	LeftOut []string
	// Page is the page as it was read, nil when Unchanged, and Provenance what
	// the problem was made of.
	Page       []byte
	Provenance store.Provenance
	Spent      pipeline.Spending
}

// reading is a page on its way.
type reading struct {
	Output
	trail pipeline.Trail
}

// Extract reads the page. Errors are *source.Error, *ledger.Error or
// *pipeline.Error.
func (x *Extractor) Extract(ctx context.Context, in Input) (*Output, error) {
	key, canonical, err := source.Identify(in.URL)
	if err != nil {
		return nil, err
	}
	page := in.Saved
	if page == nil {
		if page, err = x.fetch(ctx, in); err != nil {
			return nil, err
		}
	}
	if page.NotModified && in.Known != nil {
		return &Output{Problem: *in.Known, ETag: in.ETag, Unchanged: true}, nil
	}
	facts, err := source.Read(*page, key)
	if err != nil {
		return nil, err
	}
	out := &reading{Output: Output{Adapter: facts.Adapter, ETag: page.ETag, PageDigest: facts.Digest, Page: page.Body}}
	claims, err := x.ask(ctx, in, facts, out)
	if err != nil {
		return nil, err
	}
	out.Problem = merge(facts, claims, canonical)
	out.Provenance = out.trail.Provenance(&in.Provider, &in.Payer, out.Spent, store.Parameters{URL: in.URL})
	out.Provenance.Page = store.Page{URL: page.URL, ContentType: page.ContentType}
	if len(out.Problem.Samples) == 0 {
		return nil, &pipeline.Error{
			Reason: pipeline.ReasonNoSamples, Spent: out.Spent,
			Message: "the page states no sample that can be verified; write the problem as source.inline",
		}
	}
	return &out.Output, nil
}

// fetch asks whether the page is still the known one, if there is one.
func (x *Extractor) fetch(ctx context.Context, in Input) (*source.Page, error) {
	if in.Known == nil {
		in.ETag = ""
	}
	return x.Pages.Fetch(ctx, in.URL, in.ETag)
}

// ask questions the model until its claims stand in the page. After the last
// question the claims that do not are left out.
func (x *Extractor) ask(ctx context.Context, in Input, facts *source.Facts, out *reading) (*prompt.Extraction, error) {
	var complaints []string
	for attempt := 1; ; attempt++ {
		claims, err := x.askOnce(ctx, in, facts, attempt, complaints, out)
		if bad, ok := errors.AsType[*prompt.ParseError](err); ok {
			if attempt == maxAsks {
				return nil, &pipeline.Error{
					Reason: pipeline.ReasonAnswerInvalid, Spent: out.Spent,
					Message: fmt.Sprintf("%d answers in a row could not be read (%s); try another model", maxAsks, bad.Message),
				}
			}
			complaints = []string{bad.Message}
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := refuse(claims.Kind); err != nil {
			err.Spent = out.Spent
			return nil, err
		}
		checked, refused := check(facts, claims)
		if len(refused) == 0 || attempt == maxAsks {
			out.LeftOut = refused
			return checked, nil
		}
		complaints = refused
	}
}

func (x *Extractor) askOnce(ctx context.Context, in Input, facts *source.Facts, attempt int, complaints []string, out *reading) (*prompt.Extraction, error) {
	rendered, err := prompt.Extract(prompt.ExtractInput{
		Key: facts.Key, Title: facts.Title, Limits: facts.Limits, Samples: facts.Samples,
		Page: facts.Text, Attempt: attempt, Complaints: complaints,
	})
	if err != nil {
		return nil, err
	}
	question := pipeline.Question(rendered, facts.Digest, facts.Key.String(), in.Payer, attempt)
	answer, err := x.Ledger.Ask(ctx, in.Provider, question)
	if err != nil {
		return nil, err
	}
	out.Spent.Add(answer)
	out.trail.Used(&question, answer)
	if bad := pipeline.Unusable(answer); bad != nil {
		bad.Spent = out.Spent
		return nil, bad
	}
	return prompt.ParseExtraction(answer.Text)
}

// refuse tells why a kind of page cannot become a problem.
func refuse(kind prompt.Kind) *pipeline.Error {
	switch kind {
	case prompt.KindInteractive:
		return &pipeline.Error{Reason: pipeline.ReasonInteractive, Message: "interactive problems cannot be judged; remove the Problem"}
	case prompt.KindFunction:
		return &pipeline.Error{Reason: pipeline.ReasonFunction, Message: "the problem asks for a function, not for a program; write it as source.inline with standard input and output"}
	case prompt.KindImageOnly:
		return &pipeline.Error{Reason: pipeline.ReasonImageOnly, Message: "the statement is a picture; write it as source.inline"}
	case prompt.KindNone:
		return &pipeline.Error{Reason: pipeline.ReasonNoProblem, Message: "the page holds no problem; check source.url or save the page and name it in source.pageConfigMapRef"}
	}
	return nil
}

// merge joins facts and checked claims; what the markup states comes first.
func merge(facts *source.Facts, claims *prompt.Extraction, canonical string) problem.Problem {
	p := problem.Problem{
		Key: facts.Key, URL: canonical, Title: facts.Title, Language: facts.Language,
		Limits: facts.Limits, Samples: facts.Samples,
		Statement: problem.Statement{
			Description: strings.TrimSpace(claims.Description),
			Input:       strings.TrimSpace(claims.Input),
			Output:      strings.TrimSpace(claims.Output),
			Constraints: strings.TrimSpace(claims.Constraints),
			Notes:       strings.TrimSpace(claims.Notes),
		},
		Tags: claims.Tags,
	}
	if p.Title == "" {
		p.Title = claims.Title
	}
	if p.Language == "" {
		p.Language = language(claims.Language)
	}
	if len(p.Samples) == 0 {
		p.Samples = claims.Samples
	}
	if p.Limits.Time == 0 {
		p.Limits.Time, _ = source.ParseTimeLimit(claims.TimeLimit)
	}
	if p.Limits.MemoryBytes == 0 {
		p.Limits.MemoryBytes, _ = source.ParseMemoryLimit(claims.MemoryLimit)
	}
	return p
}

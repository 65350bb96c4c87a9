// Package pipeline holds what the steps of the work share. The steps are in
// the folders below; they know nothing of Kubernetes and take interfaces.
package pipeline

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

// Asker pays for answers and remembers them.
type Asker interface {
	Ask(ctx context.Context, p ledger.Provider, q ledger.Question) (*ledger.Answer, error)
}

// Reason names an end of the work that only a person can change.
type Reason string

// The reasons.
const (
	ReasonModelRefused    Reason = "ModelRefused"
	ReasonAnswerTruncated Reason = "AnswerTruncated"
	ReasonAnswerInvalid   Reason = "AnswerInvalid"
	ReasonNoProblem       Reason = "NoProblemFound"
	ReasonInteractive     Reason = "InteractiveProblem"
	ReasonFunction        Reason = "FunctionSignature"
	ReasonImageOnly       Reason = "ImageOnly"
	ReasonNoSamples       Reason = "NoSamples"

	ReasonValidatorUnproved Reason = "ValidatorUnproved"
	ReasonGeneratorUnproved Reason = "GeneratorUnproved"
	ReasonBruteUnproved     Reason = "BruteForceUnproved"
	ReasonCheckerUnproved   Reason = "CheckerUnproved"
	ReasonUnverified        Reason = "Unverified"
)

// Error is an end of the work that only a person can change.
type Error struct {
	Reason Reason
	// Message is stable, at most 256 characters, and says what to do.
	Message string
	// Spent is what the work had cost by then.
	Spent Spending
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Reason, e.Message) }

// Spending adds up what a piece of work cost.
type Spending struct {
	Calls    int
	Tokens   int64
	CostNano int64
}

// Add counts one answer in.
func (s *Spending) Add(a *ledger.Answer) {
	s.Calls++
	s.Tokens += a.Usage.Total()
	s.CostNano += a.CostNano
}

// Question turns a prompt into a question about a piece of content.
func Question(p prompt.Prompt, content, about string, payer ledger.Payer, attempt int) ledger.Question {
	return ledger.Question{
		Content: content, Step: p.Step, PromptVersion: p.Version,
		Attempt: attempt, Problem: about, Payer: payer, Request: p.Request,
	}
}

// Unusable returns why an answer cannot be parsed at all, or nil.
func Unusable(a *ledger.Answer) *Error {
	switch a.Finish {
	case llm.FinishRefusal:
		return &Error{Reason: ReasonModelRefused, Message: "the model refused to answer; try another model in the ModelProvider"}
	case llm.FinishLength:
		return &Error{Reason: ReasonAnswerTruncated, Message: "the answer was cut off at the model's output limit; try a model with a larger one"}
	}
	return nil
}

// Excerpt bounds text for a prompt or a status, at a rune's edge.
func Excerpt(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	const mark = "…"
	cut := limit - len(mark)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.ToValidUTF8(text[:cut], "") + mark
}

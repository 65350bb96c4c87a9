package testgen

import (
	"context"
	"errors"

	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/prompt"
)

// writing is a step in which the model writes something that is then proved.
type writing[T any] struct {
	step   string
	render func(attempt int, failure *prompt.Failure) (prompt.Prompt, error)
	parse  func(text string) (*T, error)
	// prove runs what was answered. A failure is for the model, an error for
	// everybody else.
	prove func(ctx context.Context, attempt int, answer *T) (*prompt.Failure, error)
	// reason is the end when no attempt is left, what names the thing.
	reason pipeline.Reason
	what   string
}

// write asks until an answer is proved or MaxAttempts are used up, over all
// calls for the same step. failure is what was found wrong with the answer
// before, nil at first.
func write[T any](ctx context.Context, w *making, s writing[T], failure *prompt.Failure) (*T, error) {
	for w.attempts[s.step] < w.in.MaxAttempts {
		w.attempts[s.step]++
		attempt := w.attempts[s.step]
		answer, failed, err := ask(ctx, w, s, attempt, failure)
		if err != nil {
			return nil, err
		}
		if failed == nil {
			if failed, err = s.prove(ctx, attempt, answer); err != nil {
				return nil, err
			}
		}
		if failed == nil {
			return answer, nil
		}
		failure = failed
	}
	said := "no attempt is left"
	if failure != nil {
		said = failure.Said
	}
	return nil, w.unproved(s.reason, "%s is not right after %d attempts: %s; try another model, or raise maxAttempts",
		s.what, w.attempts[s.step], pipeline.Excerpt(said, 120))
}

// ask pays for one answer, unless it is recorded, and parses it.
func ask[T any](ctx context.Context, w *making, s writing[T], attempt int, failure *prompt.Failure) (*T, *prompt.Failure, error) {
	rendered, err := s.render(attempt, failure)
	if err != nil {
		return nil, nil, err
	}
	about := w.in.Problem
	question := pipeline.Question(rendered, about.TaskDigest(), about.String(), w.in.Payer, attempt)
	answer, err := w.Ledger.Ask(ctx, w.in.Provider, question)
	if err != nil {
		return nil, nil, err
	}
	w.spent.Add(answer)
	w.notes.used(&question, answer)
	w.report.from(s.step, rendered.Version, answer.Hash)
	if bad := pipeline.Unusable(answer); bad != nil {
		return nil, &prompt.Failure{Said: bad.Message}, nil
	}
	parsed, err := s.parse(answer.Text)
	var wrong *prompt.ParseError
	if errors.As(err, &wrong) {
		return nil, &prompt.Failure{Said: wrong.Message}, nil
	}
	return parsed, nil, err
}

func (r *Report) from(step, version, call string) {
	if r.Calls == nil {
		r.Calls, r.PromptVersions = map[string]string{}, map[string]string{}
	}
	r.Calls[step], r.PromptVersions[step] = call, version
}

// input is what the prompts of a step take, with more filled in by each.
func (w *making) input(attempt int, failure *prompt.Failure) prompt.SuiteInput {
	return prompt.SuiteInput{Problem: w.in.Problem, Attempt: attempt, Failure: failure}
}

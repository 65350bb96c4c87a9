package rebuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// calls is the part of the table that has the recorded answers.
type calls interface {
	Call(ctx context.Context, hash string) (*store.Call, error)
}

// recorded answers from the table alone; it has no model that it could ask. It
// is not for concurrent use.
type recorded struct {
	table calls
	known map[asked]store.UsedCall
	// used counts the answers that were given.
	used int
}

// asked is a question among those of one piece of work.
type asked struct {
	step    string
	attempt int
}

func newRecorded(table calls, of *store.Provenance) *recorded {
	r := &recorded{table: table, known: map[asked]store.UsedCall{}}
	for _, call := range of.Calls {
		r.known[asked{call.Step, call.Attempt}] = call
	}
	return r
}

// unrecordedError names a question of which there is no answer to be used.
type unrecordedError struct {
	asked
	reason string
}

func (e *unrecordedError) Error() string {
	return fmt.Sprintf("step %s, attempt %d: %s", e.step, e.attempt, e.reason)
}

// Ask implements pipeline.Asker.
func (r *recorded) Ask(ctx context.Context, _ ledger.Provider, q ledger.Question) (*ledger.Answer, error) {
	question := asked{q.Step, q.Attempt}
	refuse := func(format string, args ...any) error {
		return &unrecordedError{question, fmt.Sprintf(format, args...)}
	}
	used, ok := r.known[question]
	switch {
	case !ok:
		return nil, refuse("the record names no answer to it, so that the work went another way then")
	case used.PromptVersion != q.PromptVersion:
		return nil, refuse("it was asked with version %s of the prompt, and this program has version %s", used.PromptVersion, q.PromptVersion)
	}
	row, err := r.table.Call(ctx, used.Hash)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, refuse("the table does not have its answer any more (CALL#%s)", used.Hash)
	case err != nil:
		return nil, err
	case row.State != store.CallRecorded:
		return nil, refuse("the call %s has no recorded answer, it is %s", used.Hash, row.State)
	case row.Step != q.Step || row.Attempt != q.Attempt:
		return nil, refuse("the call %s answers step %s, attempt %d", used.Hash, row.Step, row.Attempt)
	}
	answer := &ledger.Answer{Hash: row.Hash, CostNano: row.CostNano}
	if json.Unmarshal(row.Response, &answer.Response) != nil {
		return nil, refuse("the recorded answer cannot be read (CALL#%s)", used.Hash)
	}
	r.used++
	return answer, nil
}

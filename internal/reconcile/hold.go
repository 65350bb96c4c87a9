package reconcile

import (
	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/ledger"
)

// Hold is why running work waits; nil while it does not.
type Hold struct{ reason, message string }

// HeldByLedger is why a question waits, nil when it goes on.
func HeldByLedger(why *ledger.Error) *Hold {
	if why == nil {
		return nil
	}
	return &Hold{string(why.Reason), why.Message}
}

// HeldByRunner is why a program waits to be run, nil when it goes on.
func HeldByRunner(why *execution.Error) *Hold {
	if why == nil {
		return nil
	}
	return &Hold{why.Reason, why.Message}
}

// Outcome waits for the work's own word.
func (h *Hold) Outcome() Outcome { return Wait(0, h.reason, h.message) }

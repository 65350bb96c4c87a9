package agent

import (
	"sync"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// excerpt keeps the beginning or the end of what is written to it.
type excerpt struct {
	head bool

	mu   sync.Mutex
	kept []byte
}

func (e *excerpt) Write(p []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.head {
		e.kept = append(e.kept, p[:min(len(p), protocol.MaxStderr-len(e.kept))]...)
		return len(p), nil
	}
	e.kept = append(e.kept, p[max(0, len(p)-protocol.MaxStderr):]...)
	e.kept = e.kept[max(0, len(e.kept)-protocol.MaxStderr):]
	return len(p), nil
}

func (e *excerpt) bytes() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kept
}

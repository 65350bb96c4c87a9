package ledger_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when a call, or whoever waits for it, outlives the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

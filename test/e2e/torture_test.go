//go:build e2e

package e2e_test

import (
	"testing"

	"github.com/algoitny/algoitny-operator/internal/execution/jobs"
	"github.com/algoitny/algoitny-operator/test/e2e/torture"
)

// The whole corpus in real pods. None of it may be accepted for what it has
// found, and the next test of each must find everything as before.
func TestTorture(t *testing.T) {
	w := newWorld(t)
	d := w.direct(func(*jobs.Config) {})
	t.Run("corpus", func(t *testing.T) {
		for _, c := range torture.Cases() {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				d.survives(t, &c)
			})
		}
	})
	d.survives(t, torture.Plain())
}

func (d *direct) survives(t *testing.T, c *torture.Case) {
	t.Helper()
	report, _, err := d.judge(t, c.Request())
	if err != nil {
		t.Fatal(err)
	}
	if err := torture.Check(c, report); err != nil {
		t.Error(err)
	}
}

package jobs

import (
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// What does not fit into a report is refused before there is a Job.
func TestABatchWithLargeOutputsIsRefused(t *testing.T) {
	batch := execution.Batch{
		Key: "uid/1/make", Programs: []problem.Program{{Name: "generator", Language: "python", Source: "print(1)\n"}},
		Steps: []execution.Step{{Name: "input 1", Program: "generator", Keep: 10}},
	}
	if _, err := ofBatch(batch); err != nil {
		t.Fatal(err)
	}
	batch.KeepLarge = true
	if _, err := ofBatch(batch); err == nil || !strings.Contains(err.Error(), "no room for more than 2048 KiB") {
		t.Errorf("got %v", err)
	}
}

package pipeline

import (
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// SampleTests are the samples as tests, which SampleName names.
func SampleTests(samples []problem.Sample) []execution.Test {
	out := make([]execution.Test, len(samples))
	for i, s := range samples {
		out[i] = execution.Test{Name: SampleName(i), Input: execution.Text(s.Input), Answer: execution.Text(s.Output)}
	}
	return out
}

// SampleName is the name of the test that the sample at index i makes.
func SampleName(i int) string { return fmt.Sprintf("sample %d", i+1) }

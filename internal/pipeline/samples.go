package pipeline

import (
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Use has a program judged with the problem's suite or, where that is nil, with
// its samples.
func Use(req *execution.Request, p *problem.Problem, suite *problem.Suite) {
	if suite != nil {
		req.Use(suite)
		return
	}
	req.Tests, req.Limits = SampleTests(p.Samples), p.Limits
}

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

// Sample finds the sample behind a test of Use. Samples are public; any other
// test is not to be shown to those whose programs are judged with it.
func Sample(p *problem.Problem, suite *problem.Suite, test string) (s problem.Sample, public bool) {
	if suite != nil {
		t := suite.Test(test)
		if t == nil || t.Kind != problem.TestSample {
			return s, false
		}
		return problem.Sample{Input: t.Input.Text, Output: t.Answer.Text}, true
	}
	for i := range p.Samples {
		if SampleName(i) == test {
			return p.Samples[i], true
		}
	}
	return s, false
}

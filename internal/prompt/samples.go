package prompt

import "github.com/algoitny/algoitny-operator/internal/problem"

// maxSamplesShown bounds the samples in a prompt; hardly a problem has more.
const maxSamplesShown = 8

// ShownSamples are the samples that a prompt quotes.
type ShownSamples struct {
	Shown []problem.Sample
	// Hidden counts the others.
	Hidden int
}

func shown(p *problem.Problem) ShownSamples {
	n := min(len(p.Samples), maxSamplesShown)
	return ShownSamples{p.Samples[:n], len(p.Samples) - n}
}

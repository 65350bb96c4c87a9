package prompt

import "github.com/algoitny/algoitny-operator/internal/problem"

// maxShownSamples bounds the samples in a prompt; hardly a problem has more.
const maxShownSamples = 8

// shownSamples are the samples that a prompt quotes.
type shownSamples struct {
	Shown []problem.Sample
	// Hidden counts the others.
	Hidden int
}

func shown(p *problem.Problem) shownSamples {
	n := min(len(p.Samples), maxShownSamples)
	return shownSamples{p.Samples[:n], len(p.Samples) - n}
}

// Package evaluate says how good a test suite is, from the verdicts that it
// gives to programs that are known to be right or wrong. It is pure.
package evaluate

import (
	"math"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Program is a labelled program with what the suite says of it.
type Program struct {
	Name     string `json:"name"`
	Language string `json:"language,omitempty"`
	// Correct is the label.
	Correct bool `json:"correct"`
	// Verdicts are those of the tests, in their order; a test that was not run
	// has an empty one.
	Verdicts []problem.Verdict `json:"verdicts"`
}

// Accepted tells whether the suite accepts the program.
func (p *Program) Accepted() bool {
	for test := range p.Verdicts {
		if p.killed(test) {
			return false
		}
	}
	return true
}

// killed tells whether a test rejects the program.
func (p *Program) killed(test int) bool {
	return p.Verdicts[test] != "" && p.Verdicts[test] != problem.Accepted
}

// Rate is a share with its 95 % interval.
type Rate struct {
	Hits  int `json:"hits"`
	Total int `json:"total"`
	// Value, Low and High are between 0 and 1; with no programs nothing is
	// known, and the interval is all of it.
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// z is the two-sided 95 % quantile of the normal distribution.
const z = 1.959963984540054

// NewRate gives a share the score interval of Wilson, which stays within 0 and
// 1 and holds for few programs too: E. B. Wilson, "Probable Inference, the Law
// of Succession, and Statistical Inference", J. Am. Stat. Assoc. 22 (1927),
// 209–212.
func NewRate(hits, total int) Rate {
	if total == 0 {
		return Rate{High: 1}
	}
	n := float64(total)
	p := float64(hits) / n
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	r := Rate{Hits: hits, Total: total, Value: p, Low: max(0, middle-half), High: min(1, middle+half)}
	// Rounding must not cut off the end that the share itself is at.
	if hits == 0 {
		r.Low = 0
	}
	if hits == total {
		r.High = 1
	}
	return r
}

// Evaluation is how good a suite is.
type Evaluation struct {
	// Tests are the names.
	Tests    []string  `json:"tests"`
	Programs []Program `json:"programs"`
	// TPR is the share of the correct programs that are accepted, TNR that of
	// the wrong ones that are rejected.
	TPR Rate `json:"tpr"`
	TNR Rate `json:"tnr"`
	// Rejected are the correct programs that are not accepted, Survivors the
	// wrong ones that are.
	Rejected  []string `json:"rejected,omitempty"`
	Survivors []string `json:"survivors,omitempty"`
	Smallest  Subset   `json:"smallest"`
}

// Evaluate counts. Every program has a verdict for every test.
func Evaluate(tests []string, programs []Program) *Evaluation {
	e := &Evaluation{Tests: tests, Programs: programs}
	correct, wrong := 0, 0
	for i := range programs {
		p := &programs[i]
		accepted := p.Accepted()
		switch {
		case p.Correct && !accepted:
			e.Rejected = append(e.Rejected, p.Name)
		case !p.Correct && accepted:
			e.Survivors = append(e.Survivors, p.Name)
		}
		if p.Correct {
			correct++
		} else {
			wrong++
		}
	}
	e.TPR = NewRate(correct-len(e.Rejected), correct)
	e.TNR = NewRate(wrong-len(e.Survivors), wrong)
	e.Smallest = smallest(tests, programs)
	return e
}

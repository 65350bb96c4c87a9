// Package manifest writes problems as Kubernetes objects and reads them back.
// What reads a manifest is the controller; what writes one has to know how it
// is going to be read.
package manifest

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Read is the problem of a manifest. Its samples end in one newline, whatever
// block style they were written in.
func Read(p *v1alpha1.InlineProblem) problem.Problem {
	out := problem.Problem{
		Key:   problem.Key{Platform: p.Platform, ID: p.ID},
		Title: p.Title, Tags: p.Tags,
		Statement: problem.Statement{Description: p.Description, Input: p.Input, Output: p.Output, Constraints: p.Constraints},
	}
	if p.TimeLimit != nil {
		out.Limits.Time = p.TimeLimit.Duration
	}
	out.Limits.MemoryBytes = int64(p.MemoryLimitMiB) << 20
	for _, sample := range p.Samples {
		out.Samples = append(out.Samples, problem.Sample{Input: ended(sample.Input), Output: ended(sample.Output)})
	}
	return out
}

func ended(text string) string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return ""
	}
	return text + "\n"
}

// The bounds of an InlineProblem, as the CRD has them. Lengths are in
// characters.
const (
	maxTitle   = 256
	maxText    = 64 << 10
	maxTag     = 64
	maxTags    = 32
	maxSamples = 128
	leastMiB   = 16
	mostMiB    = 16384
)

// Inline is the problem as a manifest has it. Limits that the problem does not
// state are left to the defaults of the CRD. The notes say what of it has no
// place there; an *Error says why it has none as a whole. Address, language and
// rating are not part of it.
func Inline(of *problem.Problem) (*v1alpha1.InlineProblem, []string, error) {
	w := &inlining{of: of, to: &v1alpha1.InlineProblem{
		Platform: of.Platform, ID: of.ID, Title: of.Title,
		Description: of.Statement.Description, Input: of.Statement.Input, Output: of.Statement.Output,
		Constraints: paragraphs(of.Statement.Constraints, of.Statement.Notes),
	}}
	w.limits()
	w.tags()
	w.samples()
	return w.to, w.notes, check(w.to)
}

// paragraphs puts the notes where the manifest has a place for them.
func paragraphs(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), "\n\n")
}

type inlining struct {
	of    *problem.Problem
	to    *v1alpha1.InlineProblem
	notes []string
}

func (w *inlining) note(format string, args ...any) {
	w.notes = append(w.notes, fmt.Sprintf(format, args...))
}

func (w *inlining) limits() {
	if limit := w.of.Limits.Time; limit > 0 {
		w.to.TimeLimit = &metav1.Duration{Duration: limit}
	}
	if limit := w.of.Limits.MemoryBytes; limit > 0 {
		fits := min(max(leastMiB, limit>>20), mostMiB)
		if fits<<20 != limit {
			w.note("the memory limit is %d MiB: a manifest has whole MiB, from %d to %d", fits, leastMiB, mostMiB)
		}
		w.to.MemoryLimitMiB = int32(fits)
	}
}

func (w *inlining) tags() {
	for _, tag := range w.of.Tags {
		switch {
		case slices.Contains(w.to.Tags, tag):
		case utf8.RuneCountInString(tag) > maxTag || len(w.to.Tags) == maxTags:
			w.note("the tag %q is left out: a manifest has %d tags of %d characters", tag, maxTags, maxTag)
		default:
			w.to.Tags = append(w.to.Tags, tag)
		}
	}
}

func (w *inlining) samples() {
	for i, sample := range w.of.Samples {
		if sample.Output == "" || long(sample.Input) || long(sample.Output) || len(w.to.Samples) == maxSamples {
			w.note("sample %d is left out: a manifest has %d samples with outputs, of %d characters", i+1, maxSamples, maxText)
			continue
		}
		w.to.Samples = append(w.to.Samples, v1alpha1.InlineSample{Input: sample.Input, Output: sample.Output})
	}
}

func long(text string) bool { return utf8.RuneCountInString(text) > maxText }

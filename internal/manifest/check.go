package manifest

import (
	"fmt"
	"regexp"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
)

// Error says why an API server would refuse a manifest.
type Error struct {
	// Field is what is wrong, as people call it.
	Field  string
	Reason string
}

func (e *Error) Error() string { return e.Field + " " + e.Reason }

func errorf(field, format string, args ...any) error {
	return &Error{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// The CRD's bounds of time limits.
const (
	leastTime = 100 * time.Millisecond
	mostTime  = 5 * time.Minute
)

// The CRD's patterns, with its lengths.
var (
	platform = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)
	id       = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$`)
)

// check finds what the CRD does not take, so that it is known before anything
// is stored for the manifest.
func check(p *v1alpha1.InlineProblem) error {
	switch {
	case !platform.MatchString(p.Platform):
		return errorf("the platform", "%q is no name of lower-case letters, digits and dashes, of at most 63 characters", p.Platform)
	case !id.MatchString(p.ID):
		return errorf("the id", "%q is no name of letters, digits, dots, dashes and underscores, of at most 128 characters", p.ID)
	case p.Title == "" || utf8.RuneCountInString(p.Title) > maxTitle:
		return errorf("the title", "is empty or longer than %d characters", maxTitle)
	case p.Description == "":
		return errorf("the description", "is empty")
	case len(p.Samples) == 0:
		return errorf("the list of samples", "is empty, and a Problem needs at least one")
	}
	if t := p.TimeLimit; t != nil && (t.Duration < leastTime || t.Duration > mostTime) {
		return errorf("the time limit", "is %v; a Problem has one from %v to %v", t.Duration, leastTime, mostTime)
	}
	return checkTexts(p)
}

func checkTexts(p *v1alpha1.InlineProblem) error {
	for _, part := range []struct{ name, text string }{
		{"the description", p.Description}, {"the description of the input", p.Input},
		{"the description of the output", p.Output}, {"the text of constraints and notes", p.Constraints},
	} {
		if long(part.text) {
			return errorf(part.name, "is longer than %d characters", maxText)
		}
	}
	return nil
}

// The CRDs' bounds of names: others are made from them.
const (
	maxProblemName = 180
	maxSuiteName   = 190
)

func (n Names) check() error {
	for _, part := range []struct {
		what, name string
		most       int
		wrong      func(string) []string
	}{
		{"the namespace", n.Namespace, validation.DNS1123LabelMaxLength, validation.IsDNS1123Label},
		{"the name of the Problem", n.Problem, maxProblemName, validation.IsDNS1123Subdomain},
		{"the name of the TestSuite", n.Suite, maxSuiteName, validation.IsDNS1123Subdomain},
	} {
		if len(part.name) > part.most || len(part.wrong(part.name)) > 0 {
			return errorf(part.what, "%q is no name of lower-case letters, digits and dashes, of at most %d characters", part.name, part.most)
		}
	}
	return nil
}

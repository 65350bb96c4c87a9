package parcel

import (
	"fmt"
	"reflect"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// kind says what a parcel asks for.
type kind string

const (
	kindRequest kind = "request"
	kindBatch   kind = "batch"
)

// manifest is a request or a batch without contents, which follow it.
type manifest struct {
	Kind kind   `json:"kind"`
	Key  string `json:"key"`

	// Of a request.
	Language    string         `json:"language,omitempty"`
	Source      string         `json:"source,omitempty"`
	Limits      problem.Limits `json:"limits,omitzero"`
	StopAtFirst bool           `json:"stopAtFirst,omitempty"`
	Tests       []test         `json:"tests,omitempty"`

	// Of a batch.
	MaxTimeouts int `json:"maxTimeouts,omitempty"`
	MaxFailures int `json:"maxFailures,omitempty"`

	// Of both: in a request they are Tools and Make.
	Programs []problem.Program `json:"programs,omitempty"`
	Steps    []step            `json:"steps,omitempty"`
	Checker  problem.Checker   `json:"checker,omitzero"`

	// Contents is how many there are: content i is the file named by
	// contentName.
	Contents int `json:"contents"`
}

type test struct {
	Name   string     `json:"name"`
	Input  *reference `json:"input"`
	Answer *reference `json:"answer"`
}

type step struct {
	Name    string         `json:"name"`
	Program string         `json:"program,omitempty"`
	Args    []string       `json:"args,omitempty"`
	Input   *reference     `json:"input,omitempty"`
	Answer  *reference     `json:"answer,omitempty"`
	Output  *reference     `json:"output,omitempty"`
	Limits  problem.Limits `json:"limits,omitzero"`
	Digest  string         `json:"digest,omitempty"`
	Keep    int            `json:"keep,omitempty"`
}

// reference is a content: one that follows, or what a step makes.
type reference struct {
	Content int    `json:"content,omitempty"`
	Made    string `json:"made,omitempty"`
}

const manifestName = "manifest.json"

func contentName(i int) string { return fmt.Sprintf("%d.content", i) }

// contents are what a manifest refers to. One that is used often is packed once:
// many programs run on the same tests.
type contents struct {
	all   []execution.Content
	known map[execution.Content]int
}

func (c *contents) refer(content execution.Content) *reference {
	switch made, ok := content.(execution.Made); {
	case content == nil:
		return nil
	case ok:
		return &reference{Made: string(made)}
	}
	known := reflect.ValueOf(content).Comparable()
	if known {
		if i, ok := c.known[content]; ok {
			return &reference{Content: i}
		}
		c.known[content] = len(c.all)
	}
	c.all = append(c.all, content)
	return &reference{Content: len(c.all) - 1}
}

// ofRequest is the manifest of a request, with its contents.
func ofRequest(r *execution.Request) (*manifest, []execution.Content) {
	c := &contents{known: map[execution.Content]int{}}
	m := &manifest{
		Kind: kindRequest, Key: r.Key, Language: r.Language, Source: r.Source, Limits: r.Limits,
		StopAtFirst: r.StopAtFirst, Programs: r.Tools, Checker: r.Checker, Steps: c.steps(r.Make),
	}
	for i := range r.Tests {
		t := &r.Tests[i]
		m.Tests = append(m.Tests, test{t.Name, c.refer(t.Input), c.refer(t.Answer)})
	}
	m.Contents = len(c.all)
	return m, c.all
}

// ofBatch is the manifest of a batch, with its contents.
func ofBatch(b *execution.Batch) (*manifest, []execution.Content) {
	c := &contents{known: map[execution.Content]int{}}
	m := &manifest{
		Kind: kindBatch, Key: b.Key, MaxTimeouts: b.MaxTimeouts, MaxFailures: b.MaxFailures,
		Programs: b.Programs, Checker: b.Checker, Steps: c.steps(b.Steps),
	}
	m.Contents = len(c.all)
	return m, c.all
}

func (c *contents) steps(steps []execution.Step) []step {
	var all []step
	for i := range steps {
		s := &steps[i]
		all = append(all, step{
			Name: s.Name, Program: s.Program, Args: s.Args, Limits: s.Limits, Digest: s.Digest, Keep: s.Keep,
			Input: c.refer(s.Input), Answer: c.refer(s.Answer), Output: c.refer(s.Output),
		})
	}
	return all
}

// check refuses what is beyond the bounds of a parcel.
func (m *manifest) check() error {
	if len(m.Tests) > execution.MaxTests || len(m.Steps) > execution.MaxSteps || len(m.Programs) > execution.MaxPrograms || m.Contents > maxContents {
		return errFull
	}
	for i := range m.Tests {
		if len(m.Tests[i].Name) > execution.MaxName {
			return fmt.Errorf("the name of test %d is longer than %d bytes", i+1, execution.MaxName)
		}
	}
	for i := range m.Steps {
		if len(m.Steps[i].Name) > execution.MaxName {
			return fmt.Errorf("the name of step %d is longer than %d bytes", i+1, execution.MaxName)
		}
	}
	return nil
}

// request is what was packed, with contents that lie elsewhere.
func (m *manifest) request(all []execution.Content) (*execution.Request, error) {
	r := &execution.Request{
		Key: m.Key, Language: m.Language, Source: m.Source, Limits: m.Limits,
		StopAtFirst: m.StopAtFirst, Tools: m.Programs, Checker: m.Checker,
	}
	var err error
	if r.Make, err = m.made(all); err != nil {
		return nil, err
	}
	for i := range m.Tests {
		t := execution.Test{Name: m.Tests[i].Name}
		if t.Input, err = m.Tests[i].Input.content(all); err == nil {
			t.Answer, err = m.Tests[i].Answer.content(all)
		}
		if err != nil {
			return nil, err
		}
		r.Tests = append(r.Tests, t)
	}
	return r, nil
}

// batch is the same for a batch.
func (m *manifest) batch(all []execution.Content) (*execution.Batch, error) {
	steps, err := m.made(all)
	return &execution.Batch{
		Key: m.Key, Programs: m.Programs, Steps: steps, Checker: m.Checker, MaxTimeouts: m.MaxTimeouts, MaxFailures: m.MaxFailures,
	}, err
}

func (m *manifest) made(all []execution.Content) ([]execution.Step, error) {
	var steps []execution.Step
	for i := range m.Steps {
		s := &m.Steps[i]
		made := execution.Step{Name: s.Name, Program: s.Program, Args: s.Args, Limits: s.Limits, Digest: s.Digest, Keep: s.Keep}
		for _, of := range []struct {
			from *reference
			to   *execution.Content
		}{{s.Input, &made.Input}, {s.Answer, &made.Answer}, {s.Output, &made.Output}} {
			content, err := of.from.content(all)
			if err != nil {
				return nil, err
			}
			*of.to = content
		}
		steps = append(steps, made)
	}
	return steps, nil
}

// content is what a reference means, nil for none.
func (r *reference) content(all []execution.Content) (execution.Content, error) {
	switch {
	case r == nil:
		return nil, nil
	case r.Made != "":
		return execution.Made(r.Made), nil
	case r.Content < 0 || r.Content >= len(all):
		return nil, fmt.Errorf("there is no content %d", r.Content)
	}
	return all[r.Content], nil
}

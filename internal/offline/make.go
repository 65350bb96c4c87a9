package offline

import (
	"context"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// Make makes the texts that a suite holds as recipes, by their digests. The
// engine is started only where there are any, and has to run on this machine:
// no other returns texts of up to execution.MaxKeptHere bytes. All of them are
// held in memory. A *problempackage.Error says which text is larger, and an
// *execution.Error which cannot be made again.
func Make(ctx context.Context, start func() (Engine, error), suite *problem.Suite) (map[string]execution.Content, error) {
	_, steps := execution.SuiteTests(suite)
	if len(steps) == 0 {
		return nil, nil
	}
	engine, err := start()
	if err != nil {
		return nil, err
	}
	m := &maker{engine: engine, suite: suite, made: map[string]execution.Content{}, byStep: map[string]execution.Content{}}
	sizes := map[string]int64{}
	for i := range suite.Tests {
		for _, data := range []problem.Data{suite.Tests[i].Input, suite.Tests[i].Answer} {
			sizes[data.Digest] = data.Size
		}
	}
	for _, step := range steps {
		if err := m.add(ctx, step, sizes[step.Digest]); err != nil {
			return nil, err
		}
	}
	return m.made, m.flush(ctx)
}

// maker collects steps until their outputs fill a batch.
type maker struct {
	engine Engine
	suite  *problem.Suite
	made   map[string]execution.Content
	byStep map[string]execution.Content
	steps  []execution.Step
	size   int64
}

func (m *maker) add(ctx context.Context, step execution.Step, size int64) error {
	if size > execution.MaxKeptHere {
		return problempackage.Errorf(step.Name, "it has %d bytes; a text that a program makes can be exported up to %d MiB", size, execution.MaxKeptHere>>20)
	}
	// What it reads has to be made in an earlier batch.
	name, made := step.Input.(execution.Made)
	if m.size+size > execution.MaxKeptHere || made && m.byStep[string(name)] == nil {
		if err := m.flush(ctx); err != nil {
			return err
		}
	}
	if made {
		step.Input = m.byStep[string(name)]
	}
	step.Keep = int(size)
	m.steps, m.size = append(m.steps, step), m.size+size
	return nil
}

func (m *maker) flush(ctx context.Context) error {
	if len(m.steps) == 0 {
		return nil
	}
	done, err := m.engine.Work(ctx, execution.Batch{
		Key: "offline/make", Priority: execution.PrioritySubmission, Programs: m.suite.Programs, Steps: m.steps, KeepLarge: true,
	})
	if err != nil {
		return fmt.Errorf("make the tests: %w", err)
	}
	for i := range done.Steps {
		step := &done.Steps[i]
		if step.Verdict != problem.Accepted || !step.Whole() {
			return &execution.Error{
				Class: execution.ClassStalled, Reason: execution.ReasonTestNotReproduced,
				Message: fmt.Sprintf("the %s of the suite cannot be made again by %s: %s %s", step.Name, m.steps[i].Program, step.Detail, step.Stderr),
			}
		}
		content := execution.Text(step.Output)
		m.byStep[step.Name], m.made[step.Digest] = content, content
	}
	m.steps, m.size = nil, 0
	return nil
}

package offline

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// Judged is a submission of the package with what became of it.
type Judged struct {
	Name     string `json:"name"`
	Language string `json:"language,omitempty"`
	// Expected is in words; empty where nothing is expected.
	Expected string `json:"expected,omitempty"`
	// Skipped says why it was not judged.
	Skipped string          `json:"skipped,omitempty"`
	Report  *problem.Report `json:"report,omitempty"`
	// Differs says how the report disagrees with what is expected.
	Differs string `json:"differs,omitempty"`
	// Near are the tests that came near to the time limit.
	Near []string `json:"near,omitempty"`
}

// All judges every submission of the package.
func (j *Judge) All(ctx context.Context) ([]Judged, error) {
	judged := make([]Judged, len(j.Package.Submissions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, j.Parallel))
	for i := range j.Package.Submissions {
		group.Go(func() error {
			one, err := j.submission(ctx, &j.Package.Submissions[i])
			judged[i] = one
			return err
		})
	}
	return judged, group.Wait()
}

func (j *Judge) submission(ctx context.Context, s *problempackage.Submission) (Judged, error) {
	one := Judged{Name: s.Path(), Language: s.Program.Language, Expected: problempackage.Describe(s.Expect), Skipped: s.Unsupported}
	if s.Unsupported != "" {
		return one, nil
	}
	report, err := j.Run(ctx, s.Program)
	var unsupported *execution.UnsupportedError
	switch {
	case errors.As(err, &unsupported):
		one.Skipped = unsupported.Error()
		return one, nil
	case err != nil:
		return one, err
	}
	one.Report, one.Near, one.Differs = report, Near(report), problempackage.Violation(s.Expect, report)
	return one, nil
}

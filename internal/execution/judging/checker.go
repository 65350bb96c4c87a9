package judging

import (
	"context"
	"errors"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
	"github.com/algoitny/algoitny-operator/internal/judge"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// checkerError says that a checker has failed, which is no verdict.
type checkerError struct {
	why string
	// lost: it, or another tool, has ended the sandbox.
	lost bool
}

func (e *checkerError) Error() string { return "the checker failed: " + e.why }

// maxRemark bounds what a checker says of an output.
const maxRemark = 1 << 10

// The names of a checker's files.
const (
	fileInput  = "input"
	fileOutput = "output"
	fileAnswer = "answer"
	feedback   = "feedback"
)

// checking has a program decide whether outputs are right.
type checking struct {
	problem.Checker
	tools *tools
	speed func() float64
}

// check is the checker's verdict. The error is a *checkerError, or the judge's
// own.
func (c *checking) check(ctx context.Context, input, output, answer execution.Content) (judge.Comparison, error) {
	p, why, err := c.tools.get(ctx, c.Program)
	if err != nil {
		return judge.Comparison{}, err
	}
	if why != "" {
		return judge.Comparison{}, &checkerError{why, why == whyLost || why == whyEnded}
	}
	allowed := scaled(ToolLimits(problem.Limits{}, p.language), c.speed())
	result, err := p.run(ctx, c.job(input, output, answer, runLimits(allowed)), &head{})
	var refused *protocol.RefusedError
	switch {
	case errors.Is(err, errEnded):
		c.tools.giveUp(c.Program, whyEnded)
		return judge.Comparison{}, &checkerError{whyEnded, true}
	case errors.Is(err, errTooLarge) || errors.As(err, &refused):
		return judge.Comparison{}, &checkerError{why: err.Error()}
	case err != nil:
		return judge.Comparison{}, err
	}
	return c.comparison(result, allowed)
}

// job calls the checker as its protocol wants it.
func (c *checking) job(input, output, answer execution.Content, limits protocol.Limits) job {
	j := job{limits: limits, files: []jobFile{{fileInput, input}, {fileAnswer, answer}}}
	if c.Protocol == problem.ProtocolICPC {
		j.args, j.folders, j.input = []string{fileInput, fileAnswer, feedback + "/"}, []string{feedback}, output
	} else {
		j.args, j.files = []string{fileInput, fileOutput, fileAnswer}, append(j.files, jobFile{fileOutput, output})
	}
	j.args = append(j.args, c.Args...)
	return j
}

// exitCodes are those that are verdicts.
var exitCodes = map[problem.CheckerProtocol]map[int]problem.Verdict{
	problem.ProtocolTestlib: {
		0: problem.Accepted, 1: problem.WrongAnswer, 2: problem.PresentationError,
		// More in the output than was read, and less.
		4: problem.WrongAnswer, 8: problem.WrongAnswer,
	},
	problem.ProtocolICPC: {42: problem.Accepted, 43: problem.WrongAnswer},
}

func (c *checking) comparison(r *protocol.Result, allowed problem.Limits) (judge.Comparison, error) {
	remark := boundedTo(string(r.Stderr), maxRemark)
	v, isVerdict := exitCodes[c.Protocol][r.ExitCode]
	if r.Cause != "" || r.Signal != "" || !isVerdict {
		_, why := verdict(r, allowed)
		if why == "" {
			why = fmt.Sprintf("exit code %d", r.ExitCode)
		}
		if remark != "" {
			why += ": " + remark
		}
		return judge.Comparison{}, &checkerError{why: why}
	}
	switch {
	case v == problem.Accepted:
		remark = ""
	case remark == "":
		remark = "the checker rejects the output"
	}
	return judge.Comparison{Verdict: v, Detail: remark}, nil
}

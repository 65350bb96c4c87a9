// Package judge decides whether an output agrees with an answer. It is pure:
// it reads two streams and returns a verdict.
package judge

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Comparison is the outcome: AC, WA or PE.
type Comparison struct {
	Verdict problem.Verdict
	// Detail says where the output differs, in at most maxDetail bytes.
	Detail string
}

const (
	// maxShown bounds the part of a token that a Detail quotes.
	maxShown = 40
	// maxNumber is more than any decimal notation of a float64 needs; a
	// longer token is text.
	maxNumber = 400
	// maxDetail bounds Detail: two quoted tokens, four bytes for each byte
	// that has to be escaped, and the words around.
	maxDetail = 2*4*maxShown + 160
)

// Compare reads both streams once and holds only one token's beginning of
// each, so that the size of an output does not matter. It stops reading at
// the first difference. The error is that of a reader.
func Compare(output, answer io.Reader, rules problem.CompareRules) (Comparison, error) {
	c := comparison{CompareRules: rules, out: newScanner(output), ans: newScanner(answer)}
	verdict, detail := c.run()
	if err := firstError(c.out.err, c.ans.err); err != nil {
		return Comparison{}, fmt.Errorf("compare the output: %w", err)
	}
	return Comparison{Verdict: verdict, Detail: detail}, nil
}

type comparison struct {
	problem.CompareRules
	out, ans *scanner
	// spaceDetail is the first place where only the whitespace differs.
	spaceDetail string
}

func (c *comparison) run() (problem.Verdict, string) {
	for {
		c.skipEqual()
		c.spaces()
		if !c.out.more() || !c.ans.more() {
			return c.end()
		}
		if c.spaceDetail != "" && !c.PresentationErrors {
			return problem.WrongAnswer, c.spaceDetail
		}
		if !c.tokens() {
			return problem.WrongAnswer, c.mismatch()
		}
	}
}

// skipEqual passes at once what both go on with, up to the last whitespace in
// it: most outputs are right, and byte by byte takes a hundred times as long.
func (c *comparison) skipEqual() {
	a, b := c.out.buffered(), c.ans.buffered()
	same := commonPrefix(a, b)
	for same > 0 && !isSpace(a[same-1]) {
		same--
	}
	c.out.pass(a[:same])
	c.ans.pass(a[:same])
}

func commonPrefix(a, b []byte) int {
	n := min(len(a), len(b))
	if bytes.Equal(a[:n], b[:n]) {
		return n
	}
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// end judges once at least one of both has no further token.
func (c *comparison) end() (problem.Verdict, string) {
	switch {
	case c.ans.more():
		c.ans.take()
		return problem.WrongAnswer, fmt.Sprintf("output ends early: the answer goes on with %s", quote(c.ans.text))
	case c.out.more():
		c.out.take()
		return problem.WrongAnswer, fmt.Sprintf("extra output: %s: %s", c.out.place(), quote(c.out.text))
	case c.spaceDetail == "":
		return problem.Accepted, ""
	case c.PresentationErrors:
		return problem.PresentationError, c.spaceDetail
	}
	return problem.WrongAnswer, c.spaceDetail
}

// spaces passes the whitespace before the next token of both.
func (c *comparison) spaces() {
	same := true
	for {
		a, okA := c.out.space()
		b, okB := c.ans.space()
		if !okA && !okB {
			break
		}
		same = same && okA == okB && a == b
	}
	if !same && (c.SpaceSensitive || c.PresentationErrors) && c.spaceDetail == "" {
		c.spaceDetail = fmt.Sprintf("%s: the whitespace before it differs", c.out.next())
	}
}

// tokens passes one token of both and says whether they agree.
func (c *comparison) tokens() bool {
	c.out.start()
	c.ans.start()
	same := true
	for {
		a, okA := c.out.char()
		b, okB := c.ans.char()
		if !okA && !okB {
			return same || c.close()
		}
		same = same && okA == okB && (a == b || c.IgnoreCase && lower(a) == lower(b))
		if !same && len(c.out.text) >= maxNumber && len(c.ans.text) >= maxNumber {
			return false
		}
	}
}

// close says whether both tokens are numbers within the tolerance.
func (c *comparison) close() bool {
	if c.AbsTolerance <= 0 && c.RelTolerance <= 0 {
		return false
	}
	got, ok := number(c.out.text)
	want, isNumber := number(c.ans.text)
	if !ok || !isNumber {
		return false
	}
	diff := math.Abs(got - want)
	return diff <= c.AbsTolerance || diff <= c.RelTolerance*math.Abs(want)
}

func (c *comparison) mismatch() string {
	return fmt.Sprintf("%s: expected %s, got %s", c.out.place(), quote(c.ans.text), quote(c.out.text))
}

// number reads a finite decimal number; strconv alone would also take
// hexadecimal, underscores, infinities and NaN.
func number(text []byte) (float64, bool) {
	if len(text) == 0 || len(text) >= maxNumber || bytes.IndexFunc(text, notDecimal) >= 0 {
		return 0, false
	}
	v, err := strconv.ParseFloat(string(text), 64)
	return v, err == nil
}

func notDecimal(r rune) bool { return !strings.ContainsRune("+-.0123456789eE", r) }

func quote(text []byte) string {
	if len(text) > maxShown {
		return strconv.QuoteToASCII(string(text[:maxShown])) + "…"
	}
	return strconv.QuoteToASCII(string(text))
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

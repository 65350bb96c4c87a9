package judge

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestCompare(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	tests := []struct {
		name           string
		output, answer string
		o              problem.CompareRules
		want           problem.Verdict
		detail         string
	}{
		{name: "equal texts", output: "1 2\n3\n", answer: "1 2\n3\n", want: problem.Accepted},
		{name: "both empty", want: problem.Accepted},
		{name: "whitespace only against nothing", output: " \n\t\r\v\f", want: problem.Accepted},
		{name: "other whitespace between tokens", output: "1\r\n2   3", answer: "1 2\n3\n", want: problem.Accepted},
		{name: "another token", output: "1 2\n3 4 8\n", answer: "1 2\n3 4 7\n", want: problem.WrongAnswer,
			detail: `line 2, token 3: expected "7", got "8"`},
		{name: "no output", answer: "7\n", want: problem.WrongAnswer, detail: `output ends early: the answer goes on with "7"`},
		{name: "output ends within the answer", output: "1", answer: "1 2", want: problem.WrongAnswer,
			detail: `output ends early: the answer goes on with "2"`},
		{name: "output goes on", output: "1\n2", answer: "1\n", want: problem.WrongAnswer,
			detail: `extra output: line 2, token 1: "2"`},
		{name: "a token is the beginning of the other", output: "12", answer: "123", want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "123", got "12"`},
		{name: "tokens joined", output: "12", answer: "1 2", want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "1", got "12"`},
		{name: "case differs", output: "yes", answer: "YES", want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "YES", got "yes"`},
		{name: "case is ignored where asked for", output: "yes", answer: "YES", o: problem.CompareRules{IgnoreCase: true}, want: problem.Accepted},
		{name: "only letters have a case", output: "[", answer: "{", o: problem.CompareRules{IgnoreCase: true}, want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "{", got "["`},
		{name: "spaces count where asked for", output: "1  2\n", answer: "1 2\n", o: problem.CompareRules{SpaceSensitive: true},
			want: problem.WrongAnswer, detail: "line 1, token 2: the whitespace before it differs"},
		{name: "a missing last newline counts where asked for", output: "1", answer: "1\n", o: problem.CompareRules{SpaceSensitive: true},
			want: problem.WrongAnswer, detail: "line 1, token 2: the whitespace before it differs"},
		{name: "same spaces", output: " 1\t2\n", answer: " 1\t2\n", o: problem.CompareRules{SpaceSensitive: true}, want: problem.Accepted},
		{name: "presentation error", output: "1\n2\n", answer: "1 2\n", o: problem.CompareRules{PresentationErrors: true},
			want: problem.PresentationError, detail: "line 2, token 1: the whitespace before it differs"},
		{name: "a wrong token outranks the presentation", output: "1\n3\n", answer: "1 2\n", o: problem.CompareRules{PresentationErrors: true},
			want: problem.WrongAnswer, detail: `line 2, token 1: expected "2", got "3"`},
		{name: "within the absolute tolerance", output: "0.3000001", answer: "0.3", o: problem.CompareRules{AbsTolerance: 1e-6}, want: problem.Accepted},
		{name: "outside of the absolute tolerance", output: "0.31", answer: "0.3", o: problem.CompareRules{AbsTolerance: 1e-6},
			want: problem.WrongAnswer, detail: `line 1, token 1: expected "0.3", got "0.31"`},
		{name: "within the relative tolerance", output: "1000001", answer: "1e6", o: problem.CompareRules{RelTolerance: 1e-5}, want: problem.Accepted},
		{name: "another notation without a tolerance", output: "1.0", answer: "1", want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "1", got "1.0"`},
		{name: "text beside numbers stays exact", output: "Case 1.0000001 x", answer: "Case 1 y", o: problem.CompareRules{AbsTolerance: 1e-6},
			want: problem.WrongAnswer, detail: `line 1, token 3: expected "y", got "x"`},
		{name: "NaN is no number", output: "nan", answer: "1", o: problem.CompareRules{AbsTolerance: 1e9}, want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "1", got "nan"`},
		{name: "infinity is no number", output: "1e999", answer: "1", o: problem.CompareRules{RelTolerance: 1e9}, want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "1", got "1e999"`},
		{name: "hexadecimal is no number", output: "0x1p0", answer: "1", o: problem.CompareRules{AbsTolerance: 1}, want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "1", got "0x1p0"`},
		{name: "equal texts need no number", output: "inf", answer: "inf", o: problem.CompareRules{AbsTolerance: 1}, want: problem.Accepted},
		{name: "huge equal tokens", output: long, answer: long, want: problem.Accepted},
		{name: "huge tokens that differ at their end", output: long + "a", answer: long + "b", want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "` + long[:40] + `"…, got "` + long[:40] + `"…`},
		{name: "bytes that are no text", output: "\x00\xff", answer: "a", want: problem.WrongAnswer,
			detail: `line 1, token 1: expected "a", got "\x00\xff"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Compare(iotest.OneByteReader(strings.NewReader(tt.output)), strings.NewReader(tt.answer), tt.o)
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict != tt.want || got.Detail != tt.detail {
				t.Errorf("got %s %q, want %s %q", got.Verdict, got.Detail, tt.want, tt.detail)
			}
		})
	}
}

func TestAReadErrorIsNoVerdict(t *testing.T) {
	broken := errors.New("broken")
	for _, o := range []problem.CompareRules{{}, {SpaceSensitive: true}} {
		_, err := Compare(io.MultiReader(strings.NewReader("1 "), iotest.ErrReader(broken)), strings.NewReader("1 2"), o)
		if !errors.Is(err, broken) {
			t.Errorf("got error %v, want %v", err, broken)
		}
	}
}

func FuzzCompare(f *testing.F) {
	f.Add([]byte("1 2\n"), []byte("1 3\n"), false, false, 0.0)
	f.Add([]byte("0.5"), []byte("5e-1"), true, true, 1e-6)
	f.Fuzz(func(t *testing.T, output, answer []byte, fold, spaces bool, tolerance float64) {
		o := problem.CompareRules{IgnoreCase: fold, SpaceSensitive: spaces, AbsTolerance: tolerance}
		same, err := Compare(bytes.NewReader(output), bytes.NewReader(output), o)
		if err != nil || same.Verdict != problem.Accepted {
			t.Fatalf("a text does not agree with itself: %v %v", same, err)
		}
		got, err := Compare(bytes.NewReader(output), bytes.NewReader(answer), o)
		if err != nil || len(got.Detail) > maxDetail || (got.Verdict == problem.Accepted) != (got.Detail == "") {
			t.Fatalf("bad outcome %+v, %v", got, err)
		}
		exact := bytes.Equal(bytes.Join(bytes.FieldsFunc(output, isSpaceRune), nil), bytes.Join(bytes.FieldsFunc(answer, isSpaceRune), nil))
		if got.Verdict == problem.Accepted && !exact && !fold && !(tolerance > 0) {
			t.Fatalf("%q accepted for %q", output, answer)
		}
	})
}

func isSpaceRune(r rune) bool { return r < 128 && isSpace(byte(r)) }

func BenchmarkCompare(b *testing.B) {
	text := strings.Repeat("123456 789012\n", 20<<20/14)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Compare(strings.NewReader(text), strings.NewReader(text), problem.CompareRules{}); err != nil {
			b.Fatal(err)
		}
	}
}

// FuzzCompareInPieces proves that neither the verdict nor the words depend on
// how a stream is cut into reads, and what the options allow besides.
func FuzzCompareInPieces(f *testing.F) {
	f.Add([]byte("1 2\n3 4\n"), []byte("1 2\n3  5\n"), uint8(0), 0.0)
	f.Add([]byte("a\n\nb c"), []byte("a\n\nb c\n"), uint8(2), 0.0)
	f.Add([]byte("x y\n1.0 2\n"), []byte("X y\n1 2\n"), uint8(5), 1e-6)
	f.Fuzz(func(t *testing.T, output, answer []byte, options uint8, tolerance float64) {
		o := problem.CompareRules{
			IgnoreCase: options&1 != 0, SpaceSensitive: options&2 != 0, PresentationErrors: options&4 != 0, AbsTolerance: tolerance,
		}
		whole := compare(t, bytes.NewReader(output), bytes.NewReader(answer), o)
		pieces := compare(t, iotest.OneByteReader(bytes.NewReader(output)), iotest.HalfReader(bytes.NewReader(answer)), o)
		if whole != pieces {
			t.Fatalf("got %+v as a whole and %+v in pieces", whole, pieces)
		}
		// An absolute tolerance knows no direction.
		if back := compare(t, bytes.NewReader(answer), bytes.NewReader(output), o); back.Verdict != whole.Verdict {
			t.Fatalf("got %+v, and %+v the other way round", whole, back)
		}
		if lax := compare(t, bytes.NewReader(output), bytes.NewReader(answer), problem.CompareRules{
			IgnoreCase: o.IgnoreCase, AbsTolerance: tolerance,
		}); whole.Verdict == problem.Accepted && lax.Verdict != problem.Accepted {
			t.Fatalf("accepted where spaces count, and %+v where they do not", lax)
		}
	})
}

func compare(t *testing.T, output, answer io.Reader, o problem.CompareRules) Comparison {
	t.Helper()
	got, err := Compare(output, answer, o)
	if err != nil || len(got.Detail) > maxDetail {
		t.Fatalf("got %+v, %v", got, err)
	}
	return got
}

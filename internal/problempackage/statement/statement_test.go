package statement

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestSplit(t *testing.T) {
	want := problem.Statement{Description: "Add $a$ and $b$.", Input: "Two integers.", Output: "Their sum.", Notes: "Easy."}
	tests := []struct {
		name string
		kind Kind
		body string
		want problem.Statement
	}{
		{"sections of LaTeX", TeX, "\\problemname{Sum}\n%% plainproblemname: Sum\nAdd $a$ and $b$.\n\n\\section*{Input}\nTwo integers.\n\\section*{Output}\nTheir sum.\n\\section*{Note}\nEasy.\n", want},
		{"environments of LaTeX", TeX, "\\problemname\nAdd $a$ and $b$.\n\\begin{Input}\nTwo integers.\n\\end{Input}\n\\begin{Output}\nTheir sum.\n\\end{Output}\n\\section{Notes}\nEasy.", want},
		{"olymp.sty", TeX, "Add $a$ and $b$.\n\\InputFile\nTwo integers.\n\\OutputFile\nTheir sum.\n\\Note\nEasy.\n", want},
		{"Markdown", Markdown, "Add $a$ and $b$.\n\n## Input ##\nTwo integers.\n### Output\nTheir sum.\n# Explanation\nEasy.\n", want},
		{"a heading of the author's own stays", Markdown, "Add.\n## Story\nOnce.\n## Input\nx", problem.Statement{Description: "Add.\n## Story\nOnce.", Input: "x"}},
		{"no heading at all", TeX, "Just do it.\n", problem.Statement{Description: "Just do it."}},
		{"nothing", TeX, "", problem.Statement{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Split(tt.kind, tt.body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatIsJoinedIsSplitAgain(t *testing.T) {
	whole := problem.Statement{Description: "A\n\nB", Input: "C", Output: "D", Constraints: "E", Notes: "F"}
	for _, kind := range []Kind{TeX, Markdown} {
		for _, s := range []problem.Statement{whole, {Description: "A"}, {Input: "C"}} {
			if diff := cmp.Diff(s, Split(kind, Join(kind, "T_1", s))); diff != "" {
				t.Errorf("%s: %s", kind, diff)
			}
		}
	}
	if got := Title(Join(TeX, "A_1 & B", whole)); got != "A_1 & B" {
		t.Errorf("the title is %q", got)
	}
}

func TestPlain(t *testing.T) {
	tests := []struct {
		name, text, want string
		kind             Kind
	}{
		{name: "formulas stay", kind: TeX, text: `Given $1 \le n \le 10^{5}$~numbers`, want: `Given $1 \le n \le 10^{5}$ numbers`},
		{name: "formulas with three dollars stay", kind: Markdown, text: `$$$a_1*b*c$$$ and *this*`, want: `$$$a_1*b*c$$$ and this`},
		{name: "emphasis goes", kind: TeX, text: `\textbf{Every} \emph{cat} says \texttt{meow}`, want: "Every cat says meow"},
		{name: "lists become lines", kind: TeX, text: "\\begin{itemize}\n\\item one\n\\item two\n\\end{itemize}\n", want: "- one\n- two"},
		{name: "comments go", kind: TeX, text: "50\\% of% not this\nit", want: "50% ofit"},
		{name: "pictures go", kind: TeX, text: `A\illustration{0.3}{cat.png}{a cat}B`, want: "AB"},
		{name: "quotes and dashes", kind: TeX, text: "``so'' -- he said", want: `"so" – he said`},
		{name: "links", kind: Markdown, text: "see [this](https://x.example)", want: "see this (https://x.example)"},
		{name: "code of Markdown", kind: Markdown, text: "print `YES` or\n```\nNO\n```", want: "print YES or\nNO"},
		{name: "lines of Windows", kind: TeX, text: "a\r\nb", want: "a\nb"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Plain(tt.kind, tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatIsEscapedIsPlainAgain(t *testing.T) {
	for _, kind := range []Kind{TeX, Markdown} {
		for _, text := range []string{`50% of a_b & c*d*e #1 {x} ~ ^ \n $a_1 \le 2$`, "# one\n\n*two*", "`three`"} {
			if got := Plain(kind, Escape(kind, text)); got != text {
				t.Errorf("%s: %q became %q", kind, text, got)
			}
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("\\problemname{x}\n\\section*{Input}\n$a$ \\item b%c\n")
	f.Add("## Input\n**a** `b` [c](d)")
	f.Fuzz(func(_ *testing.T, body string) {
		for _, kind := range []Kind{TeX, Markdown} {
			Map(Split(kind, body), func(s string) string { return Plain(kind, s) })
			Title(body)
		}
	})
}

package statement

import (
	"regexp"
	"strings"
)

// change is one rewriting.
type change struct {
	pattern *regexp.Regexp
	to      string
}

func changes(pairs ...string) []change {
	list := make([]change, len(pairs)/2)
	for i := range list {
		list[i] = change{regexp.MustCompile(pairs[2*i]), pairs[2*i+1]}
	}
	return list
}

// texToPlain takes LaTeX's markup off the text between formulas, in this
// order. Formulas stay: a reader knows $n \le 10$.
var texToPlain = changes(
	`(?m)(^|[^\\])%[^\n]*\n?`, "$1",
	`\\includegraphics(?:\[[^\]]*\])?\{[^{}]*\}`, "",
	`\\illustration\{[^{}]*\}\{[^{}]*\}\{[^{}]*\}`, "",
	`\\(?:begin|end)\{[a-zA-Z]+\*?\}(?:\[[^\]]*\])?`, "",
	`(?m)^[ \t]*\\item[ \t]*`, "- ",
	`\\item\b[ \t]*`, "- ",
	`\\(?:sub)*section\*?\{([^{}]*)\}`, "$1",
	`\\(?:textbf|textit|texttt|emph|underline|textsc|bf|it|t|tt|url|mbox|text)\{([^{}]*)\}`, "$1",
	`\\href\{([^{}]*)\}\{([^{}]*)\}`, "$2 ($1)",
	`\\(?:ldots|dots|textellipsis)\b(?:\{\})?`, "…",
	`\\(?:noindent|centering|small|large|hline|medskip|bigskip|smallskip)\b[ \t]*`, "",
	`\\(?:newline|par|\\)`, "\n",
	`---?`, "–",
	"``|''", `"`,
	`([^\\]|^)~`, "$1 ",
	`\\textasciitilde\{\}`, "~",
	`\\textasciicircum\{\}`, "^",
	`\\textbackslash\{\}`, `\`,
	`\\([#$%&_{}])`, "$1",
	`[ \t]+\n`, "\n",
	`\n{3,}`, "\n\n",
)

var markdownToPlain = changes(
	`!\[[^\]]*\]\([^)]*\)`, "",
	`\[([^\]]*)\]\(([^)]*)\)`, "$1 ($2)",
	`(?m)^#{1,6}[ \t]+`, "",
	"(?m)^```[^\n]*\n?", "",
	`\*\*([^*\n]+)\*\*`, "$1",
	`(^|[^\w*])\*([^*\s][^*\n]*)\*`, "$1$2",
	"`([^`\n]+)`", "$1",
	`[ \t]+\n`, "\n",
	`\n{3,}`, "\n\n",
)

// escaped are the characters of Markdown that a backslash makes plain. They
// are put aside, as characters of the private use area, while the markup goes.
const (
	escaped = "\\`*_{}[]()<>#+-.!$"
	aside   = 0xE000
)

var putAside, putBack = func() (*strings.Replacer, *strings.Replacer) {
	var to, back []string
	for _, r := range escaped {
		to = append(to, `\`+string(r), string(aside+r))
		back = append(back, string(aside+r), string(r))
	}
	return strings.NewReplacer(to...), strings.NewReplacer(back...)
}()

// formula matches mathematics, which no rewriting touches: $…$, and $$…$$ and
// $$$…$$$ as some judges have it.
var formula = regexp.MustCompile(`\$\$\$[^$]+\$\$\$|\$\$[^$]+\$\$|\$(?:[^$\\]|\\.)+\$`)

// Plain is the text without its markup, paragraphs kept.
func Plain(kind Kind, text string) string {
	return strings.TrimSpace(outsideFormulas(strings.ReplaceAll(text, "\r\n", "\n"), func(part string) string {
		if kind == TeX {
			return apply(texToPlain, part)
		}
		return putBack.Replace(apply(markdownToPlain, putAside.Replace(part)))
	}))
}

func apply(list []change, text string) string {
	for _, c := range list {
		text = c.pattern.ReplaceAllString(text, c.to)
	}
	return text
}

var texSpecial = strings.NewReplacer(
	`\`, `\textbackslash{}`, "#", `\#`, "$", `\$`, "%", `\%`, "&", `\&`, "_", `\_`, "{", `\{`, "}", `\}`,
	"~", `\textasciitilde{}`, "^", `\textasciicircum{}`,
)

var markdownSpecial = changes(`([\\*_])`, `\$1`, "`", "\\`", `(?m)^(#+[ \t])`, `\$1`)

// Escape makes markup of plain text. Formulas stay as they are.
func Escape(kind Kind, text string) string {
	return outsideFormulas(text, func(part string) string {
		if kind == TeX {
			return texSpecial.Replace(part)
		}
		return apply(markdownSpecial, part)
	})
}

func outsideFormulas(text string, rewrite func(string) string) string {
	var out strings.Builder
	from := 0
	for _, match := range formula.FindAllStringIndex(text, -1) {
		out.WriteString(rewrite(text[from:match[0]]))
		out.WriteString(text[match[0]:match[1]])
		from = match[1]
	}
	out.WriteString(rewrite(text[from:]))
	return out.String()
}

package page

import (
	"html/template"
	"strings"
	"sync"
	"time"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/aymanbagabas/go-udiff"
)

// The bounds of highlighting: the length of a program, and the time for all of
// a page. Programs are written by models and people: one may be made so that a
// lexer takes long over it.
const (
	maxHighlighted = 64 << 10
	maxHighlight   = 500 * time.Millisecond
)

// highlighter colours the programs of one page.
type highlighter struct{ left time.Duration }

// highlighted is a single program.
func highlighted(language, source string) template.HTML {
	h := highlighter{maxHighlight}
	return h.program(language, source)
}

// program is one as HTML: every word in a span whose class says what it is, in
// Pygments' short names. The stylesheet has the colours.
func (h *highlighter) program(language, source string) template.HTML {
	escaped := template.HTML(template.HTMLEscapeString(source)) //nolint:gosec // it is escaped
	if language == "pypy" {
		language = "python"
	}
	if !languages()[language] || len(source) > maxHighlighted {
		return escaped
	}
	words, err := chroma.Coalesce(lexers.Get(language)).Tokenise(nil, source)
	if err != nil {
		return escaped
	}
	var out strings.Builder
	start := time.Now()
	defer func() { h.left -= time.Since(start) }()
	for word := words(); word != chroma.EOF; word = words() {
		if time.Since(start) > h.left {
			return escaped
		}
		text := template.HTMLEscapeString(word.Value)
		if class := classOf(word.Type); class != "" {
			text = `<span class="` + class + `">` + text + "</span>"
		}
		out.WriteString(text)
	}
	return template.HTML(out.String()) //nolint:gosec // every word is escaped
}

// languages are those that there is a lexer for. For any other name the library
// would look through the patterns of all files, which takes a tenth of a second.
var languages = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, name := range lexers.Names(true) {
		names[name] = true
	}
	return names
})

// classOf keeps to the kinds of words that the stylesheet tells apart.
func classOf(t chroma.TokenType) string {
	switch {
	case t == chroma.KeywordType:
		return "kt"
	case t == chroma.NameFunction || t == chroma.NameClass:
		return "nf"
	case t == chroma.NameBuiltin || t == chroma.NameDecorator:
		return "nb"
	case t == chroma.CommentPreproc || t == chroma.CommentPreprocFile:
		return "cp"
	case t.InCategory(chroma.Keyword) || t == chroma.OperatorWord:
		return "k"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "m"
	case t.InCategory(chroma.Comment):
		return "c"
	}
	return ""
}

// diffLine is a line of the difference between two programs.
type diffLine struct {
	// Kind is insert, delete or equal; hunk for the line between two places.
	Kind string
	Text string
}

// difference is what changed from one program to the next, with three lines
// around each change.
func difference(before, after string) []diffLine {
	unified, err := udiff.ToUnifiedDiff("", "", before, udiff.Lines(before, after), 3)
	if err != nil {
		return nil
	}
	var lines []diffLine
	for _, hunk := range unified.Hunks {
		if len(lines) > 0 {
			lines = append(lines, diffLine{"hunk", "⋯"})
		}
		for _, line := range hunk.Lines {
			lines = append(lines, diffLine{line.Kind.String(), strings.TrimSuffix(line.Content, "\n")})
		}
	}
	return lines
}

package page

import (
	"regexp"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/mathml"
)

// Formulas may have lost their dollars on the way: 1 \leq H \leq 10^{4} on
// AtCoder's pages, M_{i,j} where a page has an index in HTML. Those that
// cannot be anything else are found again.

// role is what a word can be in a formula.
type role int

const (
	prose role = iota
	// number or letter: part of a formula if another part is one for certain.
	number
	// sign between two of the others.
	sign
	// certain are numbers and letters with a script or a command.
	certain
	// certainSign is a command such as \leq.
	certainSign
)

var (
	lone     = regexp.MustCompile(`^(?:[0-9][0-9,.]*|[A-Za-z])$`)
	signs    = regexp.MustCompile(`^(?:[-+*/=<>≤≥≠×·−]|<=|>=|!=)$`)
	command  = regexp.MustCompile(`^\\[A-Za-z]{2,}$`)
	scripted = regexp.MustCompile(`(?:^|[^A-Za-z_])(?:[A-Za-z]|[0-9]+|[)\]}|])[_^](?:\{[^{}]+\}|[A-Za-z0-9])|\\(?:le|leq|ge|geq|lt|gt|ne|neq|cdot|times|ldots|dots|frac|sqrt|sum|oplus)\b`)
	longer   = regexp.MustCompile(`[A-Za-z]{2,}`)
	markup   = regexp.MustCompile(`\\[A-Za-z]+|[_^](?:\{[^{}]*\}|[A-Za-z0-9]+)`)
	// several signs after ^ or _ are meant, where TeX takes the first.
	script = regexp.MustCompile(`([_^])([A-Za-z0-9]{2,})`)
)

// bareFormulas cuts text that has no marks.
func bareFormulas(text string) []part {
	if !strings.ContainsAny(text, `_^\`) {
		if text == "" {
			return nil
		}
		return []part{{plainText, text}}
	}
	var parts []part
	words := strings.SplitAfter(text, " ")
	// from is where the words that are no formula begin, at where the rest does.
	from, at := 0, 0
	for len(words) > 0 {
		length, ok := formulaLength(words)
		run := strings.Join(words[:length], "")
		words = words[length:]
		if ok {
			before, tex, after := trimmed(run)
			parts = append(parts, part{plainText, text[from : at+len(before)]}, part{formula, tex})
			from = at + len(run) - len(after)
		}
		at += len(run)
	}
	return append(parts, part{plainText, text[from:]})
}

// formulaLength is how many words from the first on belong together, and
// whether they are a formula.
func formulaLength(words []string) (length int, ok bool) {
	length = 1
	for i := 0; i < len(words); i += 2 {
		r := roleOf(words[i])
		if r != number && r != certain {
			break
		}
		if i > 0 {
			between := roleOf(words[i-1])
			if between != sign && between != certainSign {
				break
			}
			ok = ok || between == certainSign
		}
		ok = ok || r == certain
		length = i + 1
		if _, _, after := trimmed(words[i]); strings.TrimSpace(after) != "" {
			break
		}
	}
	if ok {
		_, tex, _ := trimmed(strings.Join(words[:length], ""))
		_, ok = mathml.Convert(tex, false)
	}
	return length, ok
}

// longestWord bounds what is looked at closely, in bytes.
const longestWord = 200

func roleOf(word string) role {
	if len(word) > longestWord {
		return prose
	}
	bare := strings.TrimSpace(word)
	if signs.MatchString(bare) {
		return sign
	}
	if command.MatchString(bare) {
		return certainSign
	}
	_, tex, _ := trimmed(word)
	switch {
	case lone.MatchString(tex):
		return number
	case scripted.MatchString(tex) && !longer.MatchString(markup.ReplaceAllString(tex, " ")):
		return certain
	}
	return prose
}

// trimmed takes the punctuation around a formula off, and puts scripts of
// several signs into braces.
func trimmed(text string) (before, tex, after string) {
	tex = strings.TrimRight(text, " .,;:!?")
	for strings.HasPrefix(tex, "(") && strings.Count(tex, "(") > strings.Count(tex, ")") {
		before, tex = before+"(", tex[1:]
	}
	for strings.HasSuffix(tex, ")") && strings.Count(tex, ")") > strings.Count(tex, "(") {
		tex = tex[:len(tex)-1]
	}
	after = text[len(before)+len(tex):]
	return before, script.ReplaceAllString(tex, "$1{$2}"), after
}

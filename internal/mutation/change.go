package mutation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// edit puts a text in the place of the bytes from start to end.
type edit struct {
	start, end int
	text       string
}

// change is one mistake.
type change struct {
	// at is where a person finds it.
	at *node
	// says what happened there.
	says  string
	edits []edit
}

// replaced puts a text in a node's place.
func replaced(n *node, text string) change {
	return change{at: n, says: became(n.text, text), edits: []edit{n.with(text)}}
}

// dropped takes a node out; text keeps the syntax whole.
func dropped(n *node, text string) change {
	return change{at: n, says: quote(n.text) + " was dropped", edits: []edit{n.with(text)}}
}

// one is what a rule with a single finding returns.
func one(at *node, says string, edits ...edit) []change {
	return []change{{at: at, says: says, edits: edits}}
}

func (n *node) with(text string) edit   { return edit{n.start, n.end, text} }
func (n *node) before(text string) edit { return edit{n.start, n.start, text} }
func (n *node) after(text string) edit  { return edit{n.end, n.end, text} }

// apply makes the edits; they must not overlap. What is put in at the same
// place keeps its order.
func apply(source string, edits []edit) (string, bool) {
	sorted := slices.Clone(edits)
	slices.SortStableFunc(sorted, func(a, b edit) int { return cmp.Compare(a.start, b.start) })
	var out strings.Builder
	done := 0
	for _, e := range sorted {
		if e.start < done {
			return "", false
		}
		out.WriteString(source[done:e.start])
		out.WriteString(e.text)
		done = e.end
	}
	out.WriteString(source[done:])
	return out.String(), true
}

func became(old, text string) string {
	return fmt.Sprintf("%s became %s", quote(old), quote(text))
}

// A quotation shows so many characters, in so many bytes at most: two of them
// and some words around keep to MaxDescription.
const (
	maxQuoted = 40
	maxBytes  = 100
)

// quote shows a source on one line.
func quote(text string) string {
	var out strings.Builder
	count := 0
	for word := range strings.FieldsSeq(text) {
		if out.Len() > 0 {
			out.WriteByte(' ')
			count++
		}
		for _, r := range word {
			if count == maxQuoted || out.Len() >= maxBytes {
				return "`" + out.String() + "…`"
			}
			if r == '`' || !unicode.IsPrint(r) {
				r = '?'
			}
			out.WriteRune(r)
			count++
		}
	}
	return "`" + out.String() + "`"
}

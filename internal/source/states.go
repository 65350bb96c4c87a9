package source

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// States tells whether a text stands in the page, white space folded. It has
// to stand as whole words and numbers, so that "2 seconds" is found neither in
// "12 seconds" nor in "0.2 seconds". Case counts: a judge that prints "YES"
// does not take "Yes".
func (f *Facts) States(text string) bool {
	text = fold(text)
	if text == "" {
		return true
	}
	for _, page := range []string{f.Text, f.page} {
		if standsIn(fold(page), text) {
			return true
		}
	}
	return false
}

// StatesSample tells whether a sample stands in the page: each side on lines
// or in a cell of its own, or after a label with a colon, and the output after
// the input. A "3" within a sentence is no sample.
func (f *Facts) StatesSample(s problem.Sample) bool {
	input, output := fold(s.Input), fold(s.Output)
	for _, page := range []string{f.Text, f.page} {
		l := layoutOf(page)
		if end := l.find(input, 0); end >= 0 && l.find(output, end) >= 0 {
			return true
		}
	}
	return false
}

// layout is a folded text that remembers where its lines and cells end. Both
// strings have the same length.
type layout struct {
	// words has single spaces, breaks has newlines in their place where a line
	// or a cell ends.
	words, breaks string
}

func layoutOf(text string) layout {
	lines := strings.FieldsFunc(text, func(c rune) bool { return c == '\n' || c == '\t' })
	folded := lines[:0]
	for _, line := range lines {
		if line = fold(line); line != "" {
			folded = append(folded, line)
		}
	}
	return layout{words: strings.Join(folded, " "), breaks: strings.Join(folded, "\n")}
}

// find gives the end of the first place at or after from that holds the text
// on lines of its own; -1 when there is none.
func (l layout) find(text string, from int) int {
	for text != "" {
		at := strings.Index(l.words[from:], text)
		if at < 0 {
			return -1
		}
		start, end := from+at, from+at+len(text)
		if l.begins(start) && (end == len(l.breaks) || l.breaks[end] == '\n') {
			return end
		}
		from = start + 1
	}
	return from
}

func (l layout) begins(at int) bool {
	before := l.breaks[:at]
	return before == "" || strings.HasSuffix(before, "\n") || strings.HasSuffix(before, ": ") || strings.HasSuffix(before, "：")
}

func standsIn(page, text string) bool {
	for from := 0; ; {
		at := strings.Index(page[from:], text)
		if at < 0 {
			return false
		}
		start, end := from+at, from+at+len(text)
		if !joined(page, start) && !joined(page, end) {
			return true
		}
		from = start + 1
	}
}

// joined tells whether a word or number goes on across a position.
func joined(page string, at int) bool {
	before, size := utf8.DecodeLastRuneInString(page[:at])
	after, next := utf8.DecodeRuneInString(page[at:])
	if inWord(before) && inWord(after) {
		return true
	}
	further, _ := utf8.DecodeLastRuneInString(page[:at-size])
	following, _ := utf8.DecodeRuneInString(page[at+next:])
	switch {
	case digit(before) && separator(after):
		return digit(following)
	case separator(before) && digit(after):
		return digit(further)
	case (before == '-' || before == '\u2212') && digit(after):
		// A sign, and no dash between two numbers.
		return !inWord(further)
	}
	return false
}

func digit(c rune) bool { return '0' <= c && c <= '9' }

func separator(c rune) bool { return c == '.' || c == ',' }

// inWord knows the scripts that write words with spaces between them. Korean
// puts particles right behind a word.
func inWord(c rune) bool {
	return digit(c) || unicode.In(c, unicode.Latin, unicode.Cyrillic, unicode.Greek)
}

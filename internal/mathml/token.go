package mathml

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind tells tokens apart.
type kind int

const (
	end     kind = iota
	command      // \frac, \{; text is the name without the backslash
	number       // 3, 3.14
	open         // {
	shut         // }
	super        // ^
	sub          // _
	next         // &
	char         // any other character
)

// token is one word of TeX.
type token struct {
	kind kind
	text string
	// spaced: white space stands before it. It counts only within texts.
	spaced bool
	// at is where the token begins in the source.
	at int
}

// lexer cuts a source into tokens.
type lexer struct {
	source string
	at     int
	tokens []token
}

func tokenize(source string) *lexer {
	l := &lexer{source: source}
	for l.at < len(l.source) {
		l.token()
	}
	return l
}

func (l *lexer) token() {
	spaced := l.skipSpace()
	if l.at >= len(l.source) {
		return
	}
	start := l.at
	c, size := utf8.DecodeRuneInString(l.source[l.at:])
	kind := single(c)
	switch kind {
	case command:
		l.at += nameLength(l.source[l.at:])
		l.add(token{kind, l.source[start+1 : l.at], spaced, start})
		return
	case number:
		l.at += numberLength(l.source[l.at:])
	default:
		l.at += size
	}
	l.add(token{kind, l.source[start:l.at], spaced, start})
}

func (l *lexer) add(t token) { l.tokens = append(l.tokens, t) }

// skipSpace also skips comments, which end with their line.
func (l *lexer) skipSpace() (spaced bool) {
	for l.at < len(l.source) {
		c, size := utf8.DecodeRuneInString(l.source[l.at:])
		switch {
		case unicode.IsSpace(c):
			l.at += size
		case c == '%':
			line, _, _ := strings.Cut(l.source[l.at:], "\n")
			l.at += len(line)
		default:
			return spaced
		}
		spaced = true
	}
	return spaced
}

func single(c rune) kind {
	switch c {
	case '\\':
		return command
	case '{':
		return open
	case '}':
		return shut
	case '^':
		return super
	case '_':
		return sub
	case '&':
		return next
	}
	if c >= '0' && c <= '9' {
		return number
	}
	return char
}

// nameLength is that of a command with its backslash: letters, or one
// character.
func nameLength(source string) int {
	n := 1
	for n < len(source) && isLetter(source[n]) {
		n++
	}
	if n == 1 && len(source) > 1 {
		_, size := utf8.DecodeRuneInString(source[1:])
		return 1 + size
	}
	return n
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// numberLength is that of digits, with a point only between two of them.
func numberLength(source string) int {
	n := 0
	for n < len(source) && (isDigit(source[n]) || source[n] == '.' && n+1 < len(source) && isDigit(source[n+1])) {
		n++
	}
	return n
}

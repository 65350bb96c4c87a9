package source

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"unicode"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Facts are what the markup of a page states. Absent means zero: nothing here
// is guessed.
type Facts struct {
	Key     problem.Key
	Title   string
	Limits  problem.Limits
	Samples []problem.Sample
	// Language of the statement as an ISO 639-1 code.
	Language string
	// Text is what a reader sees of the statement, at most 200 kB.
	Text string
	// Digest is the hexadecimal SHA-256 of the facts and the statement, so
	// that adverts and session tokens do not change it.
	Digest string
	// Adapter names the reader that knew the markup.
	Adapter string

	// page is what a reader sees of the whole page, folded: tags and limits
	// often stand beside the statement.
	page string
}

// States tells whether a text stands in the page, white space folded. It has
// to stand as whole words, so that "2 seconds" is not found in "12 seconds".
func (f *Facts) States(text string) bool {
	text = fold(text)
	return text == "" || standsIn(fold(f.Text), text) || standsIn(f.page, text)
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

// joined tells whether a word or number goes on across a position. Only ASCII
// counts: other scripts write words without spaces.
func joined(page string, at int) bool {
	return at > 0 && at < len(page) && alphanumeric(page[at-1]) && alphanumeric(page[at])
}

func alphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

func (f *Facts) digest() string {
	// Strings and numbers always marshal.
	raw, _ := json.Marshal([]any{f.Title, f.Limits, f.Samples, f.Language, f.Text})
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// languageOf tells the language where the script settles it, and otherwise
// gives the fallback.
func languageOf(text, fallback string) string {
	var kana, hangul, han, cyrillic, all int
	for _, c := range text {
		if !unicode.IsLetter(c) {
			continue
		}
		all++
		switch {
		case unicode.In(c, unicode.Hiragana, unicode.Katakana):
			kana++
		case unicode.Is(unicode.Hangul, c):
			hangul++
		case unicode.Is(unicode.Han, c):
			han++
		case unicode.Is(unicode.Cyrillic, c):
			cyrillic++
		}
	}
	// Formulas and variable names are Latin in every language.
	enough := max(all/5, 1)
	switch {
	case hangul >= enough:
		return "ko"
	case kana > 0 && kana+han >= enough:
		return "ja"
	case han >= enough:
		return "zh"
	case cyrillic >= enough:
		return "ru"
	}
	return fallback
}

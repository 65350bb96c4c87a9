package source

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

	// page is what a reader sees of the whole page: tags and limits often stand
	// beside the statement.
	page string
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

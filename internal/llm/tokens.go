package llm

import "unicode/utf8"

// framing covers what a provider adds around a prompt: roles and separators.
const framing = 32

// EstimateTokens is a deliberate over-estimate of a prompt's tokens, for
// reserving money and for limits that are checked before sending. Both
// vendors' tokenizers stay below it on prose, code and numbers:
//
//   - letters: one token for three bytes, begun anew with each word (English
//     needs about four);
//   - digits, punctuation and line ends: one token each, because rows of
//     numbers, which is what samples are, hardly merge;
//   - blanks: nothing before a word, since it begins with them, and one token
//     for three otherwise;
//   - beyond ASCII: one token a rune (Korean and Chinese need about 0.7), three
//     above U+FFFF (emoji).
func EstimateTokens(text string) int64 {
	total := int64(framing)
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(text[i:])
			total += runeTokens(r)
			i += size
		case isLetter(c):
			n := span(text[i:], isLetter)
			// The blank before the word is the word's first byte.
			total += int64(n+1+2) / 3
			i += n
		case isBlank(c):
			n := span(text[i:], isBlank)
			if n > 1 || i+n >= len(text) || !isLetter(text[i+n]) {
				total += int64(n+2) / 3
			}
			i += n
		default:
			total++
			i++
		}
	}
	return total
}

func runeTokens(r rune) int64 {
	if r > 0xFFFF {
		return 3
	}
	return 1
}

func span(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

package mathml

import "strings"

// The fonts of letters. Those in classes are the stylesheet's; the others have
// characters of their own in Unicode.
var fonts = map[string]string{
	"mathrm": "rm", "mathbf": "bf", "mathit": "it", "mathtt": "tt", "mathsf": "sf", "boldsymbol": "bf", "bm": "bf", "bold": "bf",
	"textrm": "rm", "textbf": "bf", "textit": "it", "texttt": "tt", "textsf": "sf", "textnormal": "rm", "emph": "it",
	"rm": "rm", "bf": "bf", "it": "it", "tt": "tt", "sf": "sf",
	"mathbb": "bb", "Bbb": "bb", "mathcal": "cal", "cal": "cal", "mathscr": "cal", "mathfrak": "frak", "frak": "frak",
}

// alphabets begin with A and with a in Unicode's mathematical letters; digits
// are there for some.
var alphabets = map[string]struct{ upper, lower, digit rune }{
	"bb": {0x1D538, 0x1D552, 0x1D7D8}, "cal": {0x1D49C, 0x1D4B6, 0}, "frak": {0x1D504, 0x1D51E, 0},
}

// elsewhere are letters that Unicode had before the others.
var elsewhere = map[rune]rune{
	0x1D53A: 'ℂ', 0x1D53F: 'ℍ', 0x1D545: 'ℕ', 0x1D547: 'ℙ', 0x1D548: 'ℚ', 0x1D549: 'ℝ', 0x1D551: 'ℤ',
	0x1D49D: 'ℬ', 0x1D4A0: 'ℰ', 0x1D4A1: 'ℱ', 0x1D4A3: 'ℋ', 0x1D4A4: 'ℐ', 0x1D4A7: 'ℒ', 0x1D4A8: 'ℳ', 0x1D4AD: 'ℛ',
	0x1D4BA: 'ℯ', 0x1D4BC: 'ℊ', 0x1D4C4: 'ℴ',
	0x1D506: 'ℭ', 0x1D50B: 'ℌ', 0x1D50C: 'ℑ', 0x1D515: 'ℜ', 0x1D51D: 'ℨ',
}

// word tells whether letters side by side are one word in the font.
func word(font string) bool {
	_, alphabet := alphabets[font]
	return font != "" && !alphabet
}

// fontClass is the class attribute of the present font.
func (p *parser) fontClass() string {
	if !word(p.font) {
		return ""
	}
	return ` class="tex-` + p.font + `"`
}

// inFont writes text in the letters of the present font, escaped.
func (p *parser) inFont(text string) string {
	alphabet, ok := alphabets[p.font]
	if !ok {
		return escape(text)
	}
	return escape(strings.Map(func(c rune) rune {
		switch {
		case c >= 'A' && c <= 'Z':
			c += alphabet.upper - 'A'
		case c >= 'a' && c <= 'z':
			c += alphabet.lower - 'a'
		case c >= '0' && c <= '9' && alphabet.digit != 0:
			c += alphabet.digit - '0'
		}
		if there, ok := elsewhere[c]; ok {
			return there
		}
		return c
	}, text))
}

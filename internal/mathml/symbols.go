package mathml

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class is what an atom of a formula is, in TeX's words. It decides the spaces
// around the atom.
type class int

const (
	// nothing is a space: the atoms on both sides of it are neighbours.
	nothing class = iota
	ordinary
	operation
	binary
	relation
	opening
	closing
	punctuation
	inner
)

// symbol is what a name or a character stands for.
type symbol struct {
	text  string
	class class
}

// symbols are the commands that stand for one sign, as name and sign in turn.
var symbols = named(map[class]string{
	ordinary: `
		alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η theta θ vartheta ϑ iota ι kappa κ
		lambda λ mu μ nu ν xi ξ omicron ο pi π varpi ϖ rho ρ varrho ϱ sigma σ varsigma ς tau τ upsilon υ phi ϕ
		varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ
		Omega Ω infty ∞ emptyset ∅ varnothing ∅ forall ∀ exists ∃ nexists ∄ neg ¬ lnot ¬ top ⊤ bot ⊥ ell ℓ
		hbar ℏ imath ı jmath ȷ Re ℜ Im ℑ wp ℘ aleph ℵ partial ∂ nabla ∇ prime ′ angle ∠ measuredangle ∡
		triangle △ square □ Box □ blacksquare ■ lozenge ◊ checkmark ✓ dagger † ddagger ‡ degree ° backslash \
		| ‖ Vert ‖ vert | # # $ $ % % & & _ _ P ¶ S § copyright © pounds £ yen ¥ euro €
		diamondsuit ♢ heartsuit ♡ clubsuit ♣ spadesuit ♠ sharp ♯ flat ♭ natural ♮ complement ∁ surd √ textbackslash \ textunderscore _`,
	operation: `
		sum ∑ prod ∏ coprod ∐ bigcup ⋃ bigcap ⋂ bigsqcup ⨆ bigoplus ⨁ bigotimes ⨂ bigodot ⨀ biguplus ⨄
		bigvee ⋁ bigwedge ⋀ int ∫ iint ∬ iiint ∭ oint ∮`,
	binary: `
		cdot ⋅ times × div ÷ pm ± mp ∓ ast ∗ star ⋆ circ ∘ bullet ∙ cup ∪ cap ∩ uplus ⊎ sqcup ⊔ sqcap ⊓
		land ∧ wedge ∧ lor ∨ vee ∨ oplus ⊕ ominus ⊖ otimes ⊗ oslash ⊘ odot ⊙ setminus ∖ smallsetminus ∖
		wr ≀ amalg ⨿ diamond ⋄ bigcirc ◯ bigtriangleup △ bigtriangledown ▽ triangleleft ◁ triangleright ▷
		ltimes ⋉ rtimes ⋊ xor ⊻ veebar ⊻ barwedge ⊼`,
	relation: `
		le ≤ leq ≤ leqslant ⩽ ge ≥ geq ≥ geqslant ⩾ ne ≠ neq ≠ lt < gt > ll ≪ gg ≫ lll ⋘ ggg ⋙ equiv ≡
		approx ≈ sim ∼ simeq ≃ cong ≅ asymp ≍ propto ∝ doteq ≐ coloneqq ≔ triangleq ≜ in ∈ notin ∉ ni ∋ owns ∋
		subset ⊂ supset ⊃ subseteq ⊆ supseteq ⊇ subsetneq ⊊ supsetneq ⊋ nsubseteq ⊈ nsupseteq ⊉ sqsubseteq ⊑
		sqsupseteq ⊒ mid ∣ nmid ∤ divides ∣ parallel ∥ nparallel ∦ perp ⊥ prec ≺ succ ≻ preceq ⪯ succeq ⪰
		to → rightarrow → leftarrow ← gets ← leftrightarrow ↔ longrightarrow ⟶ longleftarrow ⟵
		longleftrightarrow ⟷ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ Longrightarrow ⟹ Longleftarrow ⟸
		Longleftrightarrow ⟺ implies ⟹ impliedby ⟸ iff ⟺ mapsto ↦ longmapsto ⟼ hookrightarrow ↪
		hookleftarrow ↩ uparrow ↑ downarrow ↓ updownarrow ↕ Uparrow ⇑ Downarrow ⇓ nearrow ↗ searrow ↘
		swarrow ↙ nwarrow ↖ rightleftharpoons ⇌ leadsto ⇝ rightsquigarrow ⇝ vdash ⊢ dashv ⊣ models ⊨ vDash ⊨
		nless ≮ ngtr ≯ nleq ≰ ngeq ≱ lesssim ≲ gtrsim ≳ lessgtr ≶ therefore ∴ because ∵ bowtie ⋈`,
	opening:     `{ { lbrace { lbrack [ lfloor ⌊ lceil ⌈ langle ⟨ lvert | lVert ‖ lgroup ⟮ llbracket ⟦`,
	closing:     `} } rbrace } rbrack ] rfloor ⌋ rceil ⌉ rangle ⟩ rvert | rVert ‖ rgroup ⟯ rrbracket ⟧`,
	punctuation: `colon :`,
	inner:       `ldots … dots … dotsc … dotso … cdots ⋯ dotsb ⋯ dotsm ⋯ dotsi ⋯ vdots ⋮ ddots ⋱ adots ⋰`,
})

// characters are those of the keyboard, and what they are written as.
var characters = signs(map[class]string{
	binary: "+−∗", relation: "=<>:", opening: "([", closing: ")]!?", punctuation: ",;", ordinary: `|/."@` + "`",
})

// bothWays are the delimiters by their names: those that open and those that
// close, and those that do both.
var bothWays = signs(map[class]string{ordinary: `|‖/\↑↓↕⇑⇓`, opening: "([{⌊⌈⟨⟮⟦", closing: ")]}⌋⌉⟩⟯⟧"})

func named(lists map[class]string) map[string]symbol {
	table := map[string]symbol{}
	for class, list := range lists {
		words := strings.Fields(list)
		for i := 0; i+1 < len(words); i += 2 {
			table[words[i]] = symbol{words[i+1], class}
		}
	}
	return table
}

func signs(lists map[class]string) map[string]class {
	table := map[string]class{}
	for class, list := range lists {
		for _, sign := range list {
			table[string(sign)] = class
		}
	}
	return table
}

// known are the signs of the commands by themselves: a statement may write ≤
// for \le. A sign of several commands is of the first class it can have.
var known = func() map[string]class {
	table := map[string]class{}
	for _, s := range symbols {
		if class, ok := table[s.text]; !ok || s.class < class {
			table[s.text] = s.class
		}
	}
	return table
}()

// classOf is the class of a character, ordinary where it is in no table.
func classOf(sign string) class {
	if class, ok := characters[sign]; ok {
		return class
	}
	if class, ok := known[sign]; ok {
		return class
	}
	return ordinary
}

// written are the signs that stand for a character of the keyboard.
var written = map[string]string{"-": "−", "*": "∗", "'": "′"}

// negated are the signs with a stroke through them.
var negated = map[string]string{
	"=": "≠", "<": "≮", ">": "≯", "≤": "≰", "≥": "≱", "∈": "∉", "∋": "∌", "⊂": "⊄", "⊃": "⊅", "⊆": "⊈", "⊇": "⊉",
	"≡": "≢", "∼": "≁", "≈": "≉", "≃": "≄", "≅": "≇", "∣": "∤", "|": "∤", "∥": "∦", "∃": "∄", "→": "↛", "←": "↚", "⇒": "⇏",
	"≺": "⊀", "≻": "⊁", "⊢": "⊬", "⊨": "⊭",
}

// functions are operators with a name. Those with true have what is below them
// below, and not beside.
var functions = map[string]bool{
	"max": true, "min": true, "gcd": true, "lcm": true, "lim": true, "sup": true, "inf": true, "det": true, "Pr": true,
	"limsup": true, "liminf": true, "argmax": true, "argmin": true, "mex": true, "injlim": true, "projlim": true,
	"log": false, "ln": false, "lg": false, "exp": false, "sin": false, "cos": false, "tan": false, "cot": false, "sec": false,
	"csc": false, "arcsin": false, "arccos": false, "arctan": false, "sinh": false, "cosh": false, "tanh": false, "coth": false,
	"arg": false, "deg": false, "dim": false, "hom": false, "ker": false,
}

// accents stand above a letter, or below it where under is true. Wide ones
// stretch.
var accents = map[string]struct {
	sign        string
	wide, under bool
}{
	"hat": {sign: "^"}, "bar": {sign: "¯"}, "vec": {sign: "→"}, "tilde": {sign: "~"}, "dot": {sign: "˙"}, "ddot": {sign: "¨"},
	"acute": {sign: "´"}, "grave": {sign: "`"}, "check": {sign: "ˇ"}, "breve": {sign: "˘"}, "mathring": {sign: "˚"},
	"widehat": {sign: "^", wide: true}, "widetilde": {sign: "~", wide: true},
	"overrightarrow": {sign: "→", wide: true}, "overleftarrow": {sign: "←", wide: true}, "overbrace": {sign: "⏞", wide: true},
	"underbrace": {sign: "⏟", wide: true, under: true},
}

// lined are rows with a line drawn along them, which no sign is long enough
// for, and the line's class.
var lined = map[string]string{"overline": "tex-over", "underline": "tex-under", "boxed": "tex-box", "fbox": "tex-box"}

// upright signs are letters that a mi element would slant and TeX does not.
func upright(sign string) bool {
	c, size := utf8.DecodeRuneInString(sign)
	return size == len(sign) && (c >= 'Α' && c <= 'Ω' || c == '∇')
}

// printable characters may stand in a page.
func printable(text string) bool {
	for _, c := range text {
		if !unicode.IsPrint(c) && !unicode.IsSpace(c) || c == utf8.RuneError {
			return false
		}
	}
	return true
}

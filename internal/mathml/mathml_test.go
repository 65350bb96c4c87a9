package mathml

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// spacing is what tests of the structure do not look at.
var spacing = regexp.MustCompile(` (?:lspace|rspace|stretchy|fence|form)="[^"]*"`)

// body is the markup of a formula without its math element and spaces.
func body(t *testing.T, tex string) string {
	t.Helper()
	markup, ok := Convert(tex, false)
	if !ok {
		t.Fatalf("%s is not known", tex)
	}
	wellFormed(t, tex, markup)
	_, inner, _ := strings.Cut(strings.TrimSuffix(markup, "</math>"), ">")
	return spacing.ReplaceAllString(inner, "")
}

func TestFormulasOfStatementsBecomeTheirMathML(t *testing.T) {
	for name, c := range map[string]struct{ tex, want string }{
		"an index":                      {`a_i`, `<msub><mi>a</mi><mi>i</mi></msub>`},
		"an index of two signs":         {`a_{ij}`, `<msub><mi>a</mi><mrow><mi>i</mi><mi>j</mi></mrow></msub>`},
		"a power of one digit":          {`10^18`, `<mrow><msup><mn>10</mn><mn>1</mn></msup><mn>8</mn></mrow>`},
		"a power in braces":             {`10^{18}`, `<msup><mn>10</mn><mn>18</mn></msup>`},
		"both in either order":          {`x^2_i`, `<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>`},
		"an index of an index":          {`s_{p_1}`, `<msub><mi>s</mi><msub><mi>p</mi><mn>1</mn></msub></msub>`},
		"primes and a power":            {`f''^2`, `<msup><mi>f</mi><mrow><mo>′′</mo><mn>2</mn></mrow></msup>`},
		"a script without a base":       {`^\circ`, `<msup><mrow></mrow><mo>∘</mo></msup>`},
		"bounds":                        {`1 \le n \lt 10`, `<mrow><mn>1</mn><mo>≤</mo><mi>n</mi><mo>&lt;</mo><mn>10</mn></mrow>`},
		"bounds from the keyboard":      {`1 ≤ n < 10`, `<mrow><mn>1</mn><mo>≤</mo><mi>n</mi><mo>&lt;</mo><mn>10</mn></mrow>`},
		"a fraction of digits":          {`\frac12`, `<mfrac><mn>1</mn><mn>2</mn></mfrac>`},
		"a fraction as it was":          {`{n \over k}`, `<mrow><mfrac><mi>n</mi><mi>k</mi></mfrac></mrow>`},
		"a binomial":                    {`\binom{n}{k}`, `<mrow><mo>(</mo><mfrac linethickness="0"><mi>n</mi><mi>k</mi></mfrac><mo>)</mo></mrow>`},
		"roots":                         {`\sqrt[3]{x}\sqrt2`, `<mrow><mroot><mi>x</mi><mn>3</mn></mroot><msqrt><mn>2</mn></msqrt></mrow>`},
		"a sum":                         {`\sum_{i=1}^n i`, `<mrow><munderover><mo movablelimits="true">∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover><mi>i</mi></mrow>`},
		"a sum with limits as said":     {`\sum\limits_i`, `<munder><mo movablelimits="false">∑</mo><mi>i</mi></munder>`},
		"a function with a bound":       {`\max_i a_i`, `<mrow><munder><mo movablelimits="true">max</mo><mi>i</mi></munder><msub><mi>a</mi><mi>i</mi></msub></mrow>`},
		"a name of one's own":           {`\operatorname{popcount}(x)`, `<mrow><mo>popcount</mo><mo>(</mo><mi>x</mi><mo>)</mo></mrow>`},
		"words":                         {`x \text{ if $y$ is }`, `<mrow><mi>x</mi><mrow><mtext>` + "\u00a0if\u00a0" + `</mtext><mi>y</mi><mtext>` + "\u00a0is\u00a0" + `</mtext></mrow></mrow>`},
		"words with signs":              {`\text{a\_b 5\%}`, `<mrow><mtext>a</mtext><mtext>_</mtext><mtext>b 5</mtext><mtext>%</mtext></mrow>`},
		"a string":                      {`\mathtt{RGB}`, `<mi class="tex-tt" mathvariant="normal">RGB</mi>`},
		"numbers of all kinds":          {`\mathbb{Z}, \mathcal O(n)`, `<mrow><mi>ℤ</mi><mo>,</mo><mi>𝒪</mi><mo>(</mo><mi>n</mi><mo>)</mo></mrow>`},
		"a set":                         {`\{x \mid x \notin S\}`, `<mrow><mo>{</mo><mi>x</mi><mo>∣</mo><mi>x</mi><mo>∉</mo><mi>S</mi><mo>}</mo></mrow>`},
		"brackets around something":     {`\left\lfloor \frac n2 \right.`, `<mrow><mo>⌊</mo><mfrac><mi>n</mi><mn>2</mn></mfrac></mrow>`},
		"a large bracket":               {`\bigl(x`, `<mrow><mo minsize="1.2em" maxsize="1.2em">(</mo><mi>x</mi></mrow>`},
		"a mean":                        {`\overline{xy}`, `<mrow class="tex-over"><mrow><mi>x</mi><mi>y</mi></mrow></mrow>`},
		"a number of copies":            {`\underbrace{aa}_{k}`, `<munder><munder accentunder="true"><mrow><mi>a</mi><mi>a</mi></mrow><mo>⏟</mo></munder><mi>k</mi></munder>`},
		"a modulus":                     {`a \equiv b \pmod p`, `<mrow><mi>a</mi><mo>≡</mo><mi>b</mi><mrow><mspace width="0.4444em"></mspace><mrow><mo>(</mo><mi>mod</mi><mspace width="0.3333em"></mspace><mi>p</mi><mo>)</mo></mrow></mrow></mrow>`},
		"a remainder":                   {`a \bmod b`, `<mrow><mi>a</mi><mo>mod</mo><mi>b</mi></mrow>`},
		"what is not":                   {`a \not= b \not\in c`, `<mrow><mi>a</mi><mo>≠</mo><mi>b</mi><mo>∉</mo><mi>c</mi></mrow>`},
		"an equality by definition":     {`\stackrel{?}{=}`, `<mover><mo>=</mo><mo>?</mo></mover>`},
		"a letter that is not slanted":  {`\Delta`, `<mi mathvariant="normal">Δ</mi>`},
		"a colour that is left out":     {`\color{red} x`, `<mrow><mi>x</mi></mrow>`},
		"lines":                         {`a \\ b`, `<mtable><mtr><mtd><mi>a</mi></mtd></mtr><mtr><mtd><mi>b</mi></mtd></mtr></mtable>`},
		"cases":                         {`\begin{cases} 1 & x \\ 0 \\ \end{cases}`, `<mrow><mo>{</mo><mtable><mtr><mtd class="tex-left"><mn>1</mn></mtd><mtd class="tex-left"><mi>x</mi></mtd></mtr><mtr><mtd class="tex-left"><mn>0</mn></mtd></mtr></mtable></mrow>`},
		"a matrix":                      {`\begin{pmatrix}a&b\end{pmatrix}`, `<mrow><mo>(</mo><mtable><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr></mtable><mo>)</mo></mrow>`},
		"columns":                       {`\begin{array}{r|l}a&b\\[2pt]c&d\end{array}`, `<mrow><mtable><mtr><mtd class="tex-right"><mi>a</mi></mtd><mtd class="tex-left"><mi>b</mi></mtd></mtr><mtr><mtd class="tex-right"><mi>c</mi></mtd><mtd class="tex-left"><mi>d</mi></mtd></mtr></mtable></mrow>`},
		"letters of another script":     {`数_i`, `<msub><mi>数</mi><mi>i</mi></msub>`},
		"signs that are markup in HTML": {`a < b \text{<b>&"}`, `<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi><mtext>&lt;b&gt;&amp;&#34;</mtext></mrow>`},
		"nothing":                       {``, `<mrow></mrow>`},
		"nothing that can be seen":      {`\frac{\relax}{2}`, `<mfrac><mrow></mrow><mn>2</mn></mfrac>`},
	} {
		if got := body(t, c.tex); got != c.want {
			t.Errorf("%s: %s is\n%s, want\n%s", name, c.tex, got, c.want)
		}
	}
}

func TestEveryNameStandsForSomething(t *testing.T) {
	var all []string
	for name := range symbols {
		all = append(all, `a \`+name+` b`)
	}
	for name := range functions {
		all = append(all, `\`+name+` x`, `\`+name+`_x y`)
	}
	for name := range accents {
		all = append(all, `\`+name+`{xy}`)
	}
	for name := range lined {
		all = append(all, `\`+name+`{xy}`)
	}
	for name := range spaces {
		all = append(all, `a\`+name+` b`)
	}
	for name := range fonts {
		all = append(all, `\`+name+`{x}`)
	}
	for name := range environments {
		if name != "array" && name != "subarray" && name != "alignedat" {
			all = append(all, `\begin{`+name+`} a \\ b \end{`+name+`}`)
		}
	}
	for sign := range bothWays {
		if command, ok := map[string]string{`\`: `\backslash`, "{": `\{`, "}": `\}`}[sign]; ok {
			sign = command
		}
		all = append(all, `\left.x\right`+sign)
	}
	all = append(all, `a \not\to b \not\ast c`, `\tfrac12 \dfrac12`, `\xrightarrow[a]{b}`, `\underset{x}{\min}`, `\textcolor{red}{x}`, `\phantom{x}`,
		`x \tag{1}`, `\sum_{\substack{i \\ j}} x`, `\Biggm| \big/`, `\left( a \middle| b \right)`, `\displaystyle \sum x`, `{\bf x}`, `n \choose k`,
		`a \mod b`, `\texttt{a \textbf{b} c}`, `\operatorname*{arg\,max}_x`, `\begin{alignedat}{2} a & b \end{alignedat}`, `\mathop{x}\limits_i`)
	for _, tex := range all {
		markup, ok := Convert(tex, true)
		if !ok {
			t.Errorf("%s is not known", tex)
		}
		wellFormed(t, tex, markup)
	}
}

func TestSpacesAreThoseOfTeX(t *testing.T) {
	for name, c := range map[string]struct{ tex, sign, left, right string }{
		"between two numbers a minus has room":   {`a - b`, "−", medium, medium},
		"at the beginning it is a sign":          {`-b`, "−", none, none},
		"behind a bracket it is a sign":          {`(-b)`, "−", none, none},
		"behind a relation it is a sign":         {`a = -b`, "−", none, none},
		"behind another it is a sign":            {`a \cdot -b`, "−", none, none},
		"in an index nothing has room":           {`a_{n - 1}`, "−", none, none},
		"a relation has most":                    {`a = b`, "=", thick, thick},
		"a relation alone has none":              {`=`, "=", none, none},
		"a comma has room behind it":             {`a, b`, ",", none, thin},
		"dots stand off numbers":                 {`1 \ldots n`, "…", thin, thin},
		"a function stands off what it is of":    {`n \log n`, "log", thin, thin},
		"but not off a bracket":                  {`\log(n)`, "log", none, none},
		"a stroke is what TeX takes it for":      {`|a|`, "|", none, none},
		"a comma in braces is part of a number":  {`10{,}000`, ",", none, none},
		"two relations stand together":           {`a :=b`, ":", thick, none},
		"an operator with bounds keeps its room": {`n \max_i x`, "max", thin, thin},
	} {
		markup, ok := Convert(c.tex, false)
		want := space("lspace", c.left) + space("rspace", c.right) + ">" + c.sign + "</mo>"
		if !ok || !strings.Contains(markup, want) {
			t.Errorf("%s: %s is %s, %v; want %s", name, c.tex, markup, ok, want)
		}
	}
}

func TestTheSourceIsTheAlternativeText(t *testing.T) {
	markup, ok := Convert("a <\n\"b\"", true)
	if want := `<math alttext="a &lt; &#34;b&#34;" display="block">`; !ok || !strings.HasPrefix(markup, want) {
		t.Errorf("%s, %v; want %s", markup, ok, want)
	}
}

func TestWhatIsNotKnownIsSaid(t *testing.T) {
	for name, tex := range map[string]string{
		"a command":                     `\href{javascript:alert(1)}{x}`,
		"a command within a text":       `\text{\input{x}}`,
		"an open brace":                 `{x`,
		"a closing brace":               `x}`,
		"two powers":                    `x^1^2`,
		"an argument that is not there": `\frac1`,
		"left without right":            `\left( x`,
		"a bracket that is none":        `\left x \right)`,
		"an environment":                `\begin{tikzpicture}\end{tikzpicture}`,
		"an environment that stays":     `\begin{matrix} a`,
		"an end of something else":      `\begin{matrix} a \end{cases}`,
		"a column outside of a table":   `a & b`,
		"a text that stays open":        `\text{a $b}`,
		"a dollar":                      `a $ b`,
		"a character that is none":      "a \x00 b",
		"bytes that are no text":        "a\xff",
		"a name with markup":            `\operatorname{<b>}`,
		"too deep":                      strings.Repeat("{", maxDepth) + "x" + strings.Repeat("}", maxDepth),
		"too deep without braces":       strings.Repeat(`\sqrt`, 2*maxDepth) + "x",
		"too deep in texts":             strings.Repeat(`\text{a\textbf{`, maxDepth) + strings.Repeat("}", 2*maxDepth),
		"too long":                      strings.Repeat("x", maxSource+1),
	} {
		if markup, ok := Convert(tex, false); ok {
			t.Errorf("%s: %s is %s", name, tex, markup)
		}
	}
}

// elements are all that a formula may be made of, with their attributes.
var elements = map[string]string{
	"math": "alttext display", "mrow": "class", "mi": "class mathvariant", "mn": "class", "mtext": "class", "mspace": "width",
	"mo":    "stretchy fence form lspace rspace minsize maxsize movablelimits",
	"mfrac": "linethickness", "msqrt": "", "mroot": "", "mstyle": "displaystyle scriptlevel", "mphantom": "",
	"msub": "", "msup": "", "msubsup": "", "munder": "accentunder", "mover": "accent", "munderover": "",
	"mtable": "displaystyle class", "mtr": "", "mtd": "class",
}

// children are how many an element must have.
var children = map[string]int{"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3}

// wellFormed reads the markup as XML and holds it to what it may be.
func wellFormed(t *testing.T, tex, markup string) {
	t.Helper()
	decoder := xml.NewDecoder(strings.NewReader(markup))
	var names []string
	var counts []int
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%q is %s: %v", tex, markup, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			allowed, ok := elements[token.Name.Local]
			for _, a := range token.Attr {
				ok = ok && slices.Contains(strings.Fields(allowed), a.Name.Local)
			}
			if !ok {
				t.Fatalf("%q has %+v", tex, token)
			}
			if len(counts) > 0 {
				counts[len(counts)-1]++
			}
			names, counts = append(names, token.Name.Local), append(counts, 0)
		case xml.EndElement:
			last := len(names) - 1
			if want := children[names[last]]; want > 0 && counts[last] != want {
				t.Fatalf("%q: %s has %d children in %s", tex, names[last], counts[last], markup)
			}
			names, counts = names[:last], counts[:last]
		case xml.CharData:
			if len(names) == 0 || !slices.Contains([]string{"mi", "mn", "mo", "mtext"}, names[len(names)-1]) {
				t.Fatalf("%q has the text %q outside of a sign", tex, token)
			}
		}
	}
}

func FuzzNoSourceBreaksThePage(f *testing.F) {
	for _, tex := range []string{
		`\sum_{i=1}^{n} \frac{a_i}{b_i}`, `\begin{cases} a & b \\ c \end{cases}`, `\text{<script>$x$</script>}`, `\left\{ x \middle| y \right.`,
		`x'^2_{i}`, `\not\in \pmod{7} \bigl[`, `{a \over b} \bf c \displaystyle d`, "\\operatorname*{a}\x00", `\sqrt[3]{2}%`, `\mathbb{Z}\mathtt{"a<b"}`,
		`\underset{<}{=}\overbrace{x}^{&}`, `\substack{a\\b}\tag{"}`, `\array&\\&`,
	} {
		f.Add(tex, true)
	}
	f.Fuzz(func(t *testing.T, tex string, display bool) {
		if markup, ok := Convert(tex, display); ok {
			wellFormed(t, tex, markup)
		}
	})
}

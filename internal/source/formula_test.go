package source

import "testing"

func TestFormulasAreReadHoweverTheBrowserDrewThem(t *testing.T) {
	const math = `<math><mn>0</mn><mo>≤</mo><msub><mi>a</mi><mi>i</mi></msub><mo>≤</mo><msup><mn>10</mn><mn>18</mn></msup></math>`
	for name, c := range map[string]struct{ body, want string }{
		"not drawn":                   {`Let $$$n \le 5$$$ be.`, `Let $$$n \le 5$$$ be.`},
		"MathJax 2 beside a script":   {`Let <span class="MathJax_Preview"></span><span class="MathJax"><nobr>n5</nobr></span><script type="math/tex">n \le 5</script> be.`, `Let $n \le 5$ be.`},
		"MathJax 3 with MathML":       {`Let <mjx-container class="MathJax CtxtMenu_Attached_0" jax="CHTML"><mjx-math aria-hidden="true"><mjx-c class="mjx-c30"></mjx-c></mjx-math><mjx-assistive-mml>` + math + `</mjx-assistive-mml></mjx-container> be.`, `Let 0≤a_i≤10^{18} be.`},
		"KaTeX with an annotation":    {`Let <span class="katex"><span class="katex-mathml"><math><semantics><mi>n</mi><annotation encoding="application/x-tex">n \le 5</annotation></semantics></math></span><span class="katex-html" aria-hidden="true">n5</span></span> be.`, `Let $n \le 5$ be.`},
		"plain MathML":                {`Let ` + math + ` be.`, `Let 0≤a_i≤10^{18} be.`},
		"fractions, roots and bounds": {`<math><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac><msqrt><mn>2</mn></msqrt><munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover></math>`, `a/{b+1}sqrt{2}∑_i^n`},
		"in HTML alone":               {`10<sup>18</sup> a<sub>i</sub>`, `10^{18} a_i`},
	} {
		if got := textOfHTML(t, c.body); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

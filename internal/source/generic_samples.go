package source

import (
	"regexp"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The words before a sample. A label is a line of its own: the same words in
// a sentence are none.
const (
	sampleInputWords = `(?:sample|example)s? ?(?:of )?(?:the )?inputs?|inputs? (?:sample|example)s?|sample data|` +
		`예제 ?입력|입력 ?예제|입력 ?예시?|入力例|入力サンプル|サンプル入力|样例输入|输入样例|範例輸入|輸入範例|` +
		`примеры? (?:входных данных|ввода|входного файла)|входной пример|` +
		`(?:ejemplo|exemplo) de entrada|entrada de (?:ejemplo|exemplo)|exemple d['’]entrée|beispieleingabe|przykładowe wejście`
	sampleOutputWords = `(?:sample|example)s? ?(?:of )?(?:the )?outputs?|outputs? (?:sample|example)s?|(?:sample )?output for (?:the )?sample input|` +
		`예제 ?출력|출력 ?예제|출력 ?예시?|出力例|出力サンプル|サンプル出力|样例输出|输出样例|範例輸出|輸出範例|` +
		`примеры? (?:выходных данных|вывода|выходного файла)|выходной пример|` +
		`(?:ejemplo|exemplo) de (?:salida|saída)|(?:salida|saída) de (?:ejemplo|exemplo)|exemple de sortie|beispielausgabe|przykładowe wyjście`
	plainInputWords  = `input|input data|input file|stdin|standard input|입력|入力|输入|輸入|входные данные|ввод|вход|entrada|entrée|eingabe|wejście`
	plainOutputWords = `output|output data|output file|stdout|standard output|출력|出力|输出|輸出|выходные данные|вывод|выход|результат|salida|saída|sortie|ausgabe|wyjście`
	exampleWords     = `(?:sample|example)s?(?: (?:test|case|test case)s?)?|예제|예시|サンプル|例|入出力例|样例|输入输出样例|範例|примеры?|(?:ejemplo|exemplo|exemple)s?|beispiele?|przykłady?`
	// labelEnd may number the sample and name the button that copies it.
	labelEnd = `[\s　]*(?:[#№(]|no\.)?[\s　]*([0-9０-９]{0,4})\)?[\s　]*[:：.]?(?:[\s　]*(?:copy|복사|コピー|复制))?$`
)

var (
	sampleInputLabel  = regexp.MustCompile(`(?i)^(?:` + sampleInputWords + `)` + labelEnd)
	sampleOutputLabel = regexp.MustCompile(`(?i)^(?:` + sampleOutputWords + `)` + labelEnd)
	plainInputLabel   = regexp.MustCompile(`(?i)^(?:` + plainInputWords + `)` + labelEnd)
	plainOutputLabel  = regexp.MustCompile(`(?i)^(?:` + plainOutputWords + `)` + labelEnd)
	exampleLabel      = regexp.MustCompile(`(?i)^(?:` + exampleWords + `)` + labelEnd)
	copyLabel         = regexp.MustCompile(`(?i)^(?:copy|복사|コピー|复制)$`)
)

// maxLabel is longer than any label, in bytes.
const maxLabel = 80

// label is what a line says about the pre after it.
type label struct {
	side side
	// plain labels count in an example only: "Input" also heads the part that
	// describes the input.
	plain  bool
	number int
}

func sampleLabel(line string) label {
	if line == "" || len(line) > maxLabel {
		return label{}
	}
	for _, known := range []struct {
		pattern *regexp.Regexp
		side    side
		plain   bool
	}{
		{sampleInputLabel, inputSide, false}, {sampleOutputLabel, outputSide, false},
		{plainInputLabel, inputSide, true}, {plainOutputLabel, outputSide, true},
	} {
		if m := known.pattern.FindStringSubmatch(line); m != nil {
			return label{side: known.side, plain: known.plain, number: digits(m[1])}
		}
	}
	return label{}
}

// genericSamples collects the samples of a page of unknown markup.
type genericSamples struct {
	samples []problem.Sample
	// evidence holds the nodes by which the page was known as a problem.
	evidence []*html.Node

	expects label
	// inputs wait for their output by number; unnumbered ones have 0.
	inputs map[int]string
	// example is the level of the heading that began an example, 7 for one
	// that is no heading, 0 outside.
	example int
	// parts are the plain labels seen outside of examples.
	parts [outputSide + 1]bool
	// labelled says that a sample was announced, though not as a pre.
	labelled bool
}

// looksLikeProblem asks for samples, for the two parts that describe input
// and output, or for two limits on a page that is no list.
func (g *genericSamples) looksLikeProblem(limits problem.Limits, links int) bool {
	return len(g.samples) > 0 || g.labelled || g.parts[inputSide] && g.parts[outputSide] ||
		limits.Time > 0 && limits.MemoryBytes > 0 && links < minListLinks
}

// line takes one visible line; level is that of its heading, 7 for none.
func (g *genericSamples) line(n *html.Node, text string, level int) {
	if copyLabel.MatchString(text) {
		return
	}
	g.expects = label{}
	found := sampleLabel(text)
	switch {
	case found.side == neither && len(text) <= maxLabel && exampleLabel.MatchString(text):
		g.example = level
		g.evidence = append(g.evidence, n)
	case found.side == neither:
		if level <= g.example && level < noHeading {
			g.example = 0
		}
	case found.plain && g.example == 0:
		g.parts[found.side] = true
		g.evidence = append(g.evidence, n)
	case found.plain && level < g.example && level < noHeading:
		// A larger heading than the example's begins a part of the statement.
		g.example = 0
		g.parts[found.side] = true
	default:
		g.expects = found
		g.labelled = g.labelled || !found.plain
		g.evidence = append(g.evidence, n)
	}
}

func (g *genericSamples) pre(n *html.Node) {
	if g.example > 0 && g.split(n) {
		return
	}
	g.put(g.expects, sampleText(n))
	g.expects = label{}
}

func (g *genericSamples) put(as label, text string) {
	switch as.side {
	case inputSide:
		if g.inputs == nil {
			g.inputs = map[int]string{}
		}
		g.inputs[as.number] = text
	case outputSide:
		if input, ok := g.inputs[as.number]; ok {
			delete(g.inputs, as.number)
			g.add(problem.Sample{Input: input, Output: text})
		}
	}
}

// add leaves out what stands there already: a page in two languages has each
// sample twice.
func (g *genericSamples) add(s problem.Sample) {
	if s.Output == "" || len(g.samples) >= maxSamples {
		return
	}
	for _, known := range g.samples {
		if known == s {
			return
		}
	}
	g.samples = append(g.samples, s)
}

// split reads a pre that holds a whole sample, its two parts under labels in
// bold, as SPOJ has them.
func (g *genericSamples) split(n *html.Node) bool {
	var parts [outputSide + 1]string
	at := neither
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.B || c.DataAtom == atom.Strong {
			if next := sampleLabel(oneLine(c)).side; next != neither {
				at = next
				continue
			}
		}
		var p preformatter
		p.node(c)
		parts[at] += p.out.String()
	}
	if at != outputSide || parts[inputSide] == "" {
		return false
	}
	g.add(problem.Sample{Input: unframed(parts[inputSide]), Output: unframed(parts[outputSide])})
	return true
}

// unframed drops the lines that only set a part off from its labels.
func unframed(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u00a0", " ").Replace(text)
	return ended(strings.TrimLeft(strings.TrimRight(text, " \n"), "\n"))
}

// table reads a table whose head names input and output and whose rows have
// one pre for each. It returns false for every other table.
func (g *genericSamples) table(n *html.Node) bool {
	var heads []side
	var pres []*html.Node
	var found []problem.Sample
	for d := range n.Descendants() {
		switch {
		case d.DataAtom == atom.Table:
			return false
		case d.DataAtom == atom.Th || d.DataAtom == atom.Td && len(heads) < 2 && find(d, isPre) == nil:
			if named := sampleLabel(oneLine(d)).side; named != neither {
				heads = append(heads, named)
			}
		case d.DataAtom == atom.Tr:
			pres = nil
		case d.DataAtom == atom.Pre:
			if pres = append(pres, d); len(pres) == 2 {
				found = append(found, problem.Sample{Input: sampleText(pres[0]), Output: sampleText(pres[1])})
			}
		}
	}
	if len(found) == 0 || len(heads) < 2 || heads[0] != inputSide || heads[1] != outputSide {
		return false
	}
	for _, s := range found {
		g.add(s)
	}
	g.evidence = append(g.evidence, n)
	return true
}

func isPre(n *html.Node) bool { return n.DataAtom == atom.Pre }

// onlyTime is the time limit that all labels of a page agree on: a page with
// several states none for the problem.
func onlyTime(text string) time.Duration {
	var only time.Duration
	for _, at := range timeLabel.FindAllStringSubmatchIndex(text, maxSamples) {
		limit := timeOf(text[at[2]:])
		if only != 0 && limit != only {
			return 0
		}
		only = limit
	}
	return only
}

func onlyMemory(text string) int64 {
	var only int64
	for _, at := range memoryLabel.FindAllStringSubmatchIndex(text, maxSamples) {
		limit := memoryOf(text[at[2]:])
		if only != 0 && limit != only {
			return 0
		}
		only = limit
	}
	return only
}

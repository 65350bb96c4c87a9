package source

import "regexp"

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
	plainInputWords  = `input|input data|input file|input\.txt|stdin|standard input|dla danych wejściowych|입력|入力|输入|輸入|входные данные|ввод|вход|entrada|entrée|eingabe|wejście`
	plainOutputWords = `output|output data|output file|output\.txt|stdout|standard output|answer|ответ|poprawn(?:ą odpowiedzią|ym wynikiem) jest|출력|出力|输出|輸出|выходные данные|вывод|выход|результат|salida|saída|sortie|ausgabe|wyjście`
	exampleWords     = `(?:sample|example)(?:s|\(s\))?(?: (?:test|case|test case)(?:s|\(s\))?)?|(?:sample|example)s? (?:inputs? ?(?:/|and|&) ?outputs?|i/?o)|예제|예시|サンプル|例|入出力例|样例|输入输出样例|範例|примеры?|(?:ejemplo|exemplo|exemple)s?|beispiele?|przykłady?`
	explanationWords = `(?:sample |example )?explanations?|notes?|comments?|remarks?|пояснени[ея]|примечани[ея]|objaśnienie|erklärung|explication|explicación|解释|说明|説明|解説|설명`
	// labelEnd may number the sample, say something of it in parentheses and
	// name the button that copies it.
	labelEnd = `[\s　]*(?:[#№(]|no\.)?[\s　]*([0-9０-９]{0,4})\)?[\s　]*(?:[(（][^()（）]*[)）])?[\s　]*[:：.]?(?:[\s　]*(?:copy|복사|コピー|复制))?$`
)

var (
	sampleInputLabel  = regexp.MustCompile(`(?i)^(?:` + sampleInputWords + `)` + labelEnd)
	sampleOutputLabel = regexp.MustCompile(`(?i)^(?:` + sampleOutputWords + `)` + labelEnd)
	plainInputLabel   = regexp.MustCompile(`(?i)^(?:` + plainInputWords + `)` + labelEnd)
	plainOutputLabel  = regexp.MustCompile(`(?i)^(?:` + plainOutputWords + `)` + labelEnd)
	exampleLabel      = regexp.MustCompile(`(?i)^(?:` + exampleWords + `)` + labelEnd)
	explanationLabel  = regexp.MustCompile(`(?i)^(?:` + explanationWords + `)` + labelEnd)
	// labelledValue is a label with the value on the same line.
	labelledValue = regexp.MustCompile(`(?i)^(?:` + plainInputWords + `)[\s　]*[:：][\s　]*\S`)
	copyLabel     = regexp.MustCompile(`(?i)^(?:copy|복사|コピー|复制)$`)
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

package page

import (
	"math/big"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/facade/view"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// problemPath is the address of a problem's page.
func problemPath(platform, id string) string {
	return "/problems/" + url.PathEscape(platform) + "/" + url.PathEscape(id)
}

// web is an address that a browser may be sent to, empty for any other.
func web(address string) string {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return ""
	}
	return parsed.String()
}

// money is an amount as a person reads it: two digits behind the point, four
// where it is less than one.
func money(amount, currency string) string {
	value, ok := new(big.Rat).SetString(amount)
	if !ok {
		return strings.TrimSpace(amount + " " + currency)
	}
	digits := 2
	if value.Sign() != 0 && new(big.Rat).Abs(value).Cmp(big.NewRat(1, 1)) < 0 {
		digits = 4
	}
	text := value.FloatString(digits)
	if value.Sign() > 0 && strings.Trim(text, "0.") == "" {
		text = "< 0.0001"
	}
	if currency == "USD" {
		return strings.Replace("$"+text, "$< ", "< $", 1)
	}
	return strings.TrimSpace(text + " " + currency)
}

// sum is several amounts in a line, one a currency.
func sum(amounts []view.Money) string {
	var texts []string
	for _, m := range amounts {
		texts = append(texts, money(m.Amount, m.Currency))
	}
	if len(texts) == 0 {
		return "nothing"
	}
	return strings.Join(texts, " + ")
}

// byteSize is a size in units of 1000.
func byteSize(n int64) string {
	value, unit := float64(n), 0
	for value >= 999.5 && unit < 3 {
		value /= 1000
		unit++
	}
	digits := 0
	if unit > 0 && value < 9.95 {
		digits = 1
	}
	return strconv.FormatFloat(value, 'f', digits, 64) + []string{" B", " kB", " MB", " GB"}[unit]
}

// span is a time in milliseconds.
func span(ms int64) string {
	if ms < 1000 {
		return strconv.FormatInt(ms, 10) + " ms"
	}
	return strconv.FormatFloat(float64(ms)/1000, 'f', -1, 64) + " s"
}

func percent(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) + " %" }

// count is a number with its digits in groups of three.
func count(n any) string {
	var digits string
	switch n := n.(type) {
	case int:
		digits = strconv.Itoa(n)
	case int64:
		digits = strconv.FormatInt(n, 10)
	}
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	return digits
}

func day(t time.Time) string    { return t.UTC().Format("2 Jan 2006") }
func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04 UTC") }
func stamp(t time.Time) string  { return t.UTC().Format(time.RFC3339) }

// brief is the beginning of a digest.
func brief(digest string) string {
	if len(digest) <= 12 {
		return digest
	}
	return digest[:12]
}

// sentence begins with a capital letter and ends with a full stop: a fault's
// detail does neither.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	text = string(unicode.ToUpper(first)) + text[size:]
	if strings.HasSuffix(text, ".") {
		return text
	}
	return text + "."
}

// verdicts are the names behind the letters.
var verdicts = map[problem.Verdict]string{
	problem.Accepted: "Accepted", problem.WrongAnswer: "Wrong answer", problem.PresentationError: "Presentation error",
	problem.TimeLimitExceeded: "Time limit exceeded", problem.MemoryLimitExceeded: "Memory limit exceeded",
	problem.OutputLimitExceeded: "Output limit exceeded", problem.RuntimeError: "Runtime error", problem.CompileError: "Compile error",
	problem.JudgeError: "Judge error", "": "No verdict",
}

func verdictName(v problem.Verdict) string {
	if name, ok := verdicts[v]; ok {
		return name
	}
	return string(v)
}

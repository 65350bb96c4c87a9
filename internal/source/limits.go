package source

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// The bounds of a limit that is one; beyond them the text means something else.
const (
	maxTimeLimit   = time.Hour
	maxMemoryLimit = 1 << 40
)

const (
	number = `\d+(?:[.,]\d+)*`
	// Chinese judges write "2000/1000 MS" where Java gets more than the others.
	amounts = `(` + number + `(?:\s*/\s*` + number + `)*)`
	// Longer spellings come first: the first alternative that fits is taken.
	timeUnits = `milliseconds?|millis|msecs?|ms|миллисекунд\p{L}*|мс|ミリ秒|밀리초|毫秒|` +
		`seconds?|secs?|s|секунд\p{L}*|сек|с|秒|초|minutes?|mins?|минут\p{L}*|мин|分钟|分|분`
	memoryUnits = `kilobytes?|kbytes?|kib|kb|k|килобайт\p{L}*|кб|` +
		`megabytes?|mebibytes?|mbytes?|mib|mb|m|мегабайт\p{L}*|мб|メガバイト|메가바이트|` +
		`gigabytes?|gibibytes?|gbytes?|gib|gb|g|гигабайт\p{L}*|гб|ギガバイト|기가바이트|bytes?|байт\p{L}*|바이트|バイト`
	// unitEnd keeps "5 sets" from being five seconds. Scripts without spaces
	// go on right after a unit.
	unitEnd = `(?:[^\p{Latin}\p{Cyrillic}]|$)`
)

var (
	timeValue   = regexp.MustCompile(`(?i)` + amounts + `\s*(` + timeUnits + `)` + unitEnd)
	memoryValue = regexp.MustCompile(`(?i)` + amounts + `\s*(` + memoryUnits + `)` + unitEnd)
	thousands   = regexp.MustCompile(`^\d{1,3}(,\d{3})+$`)
)

// ParseTimeLimit reads the first time in a text, in the units that judges
// write in English, Russian, Japanese, Korean and Chinese. Of a range such as
// SPOJ's "0.1s-1.5s" the longer time counts: it holds for every test. So does
// the larger of the amounts in HDU's "2000/1000 MS": it holds for every language.
func ParseTimeLimit(text string) (time.Duration, bool) {
	at := timeValue.FindStringSubmatchIndex(text)
	if at == nil {
		return 0, false
	}
	limit := duration(text[at[2]:at[3]], text[at[4]:at[5]])
	rest := strings.TrimLeft(text[at[5]:], " ")
	for _, dash := range []string{"-", "–", "~"} {
		if after, ok := strings.CutPrefix(rest, dash); ok {
			if longer := timeValue.FindStringSubmatchIndex(after); longer != nil && strings.TrimSpace(after[:longer[2]]) == "" {
				limit = max(limit, duration(after[longer[2]:longer[3]], after[longer[4]:longer[5]]))
			}
		}
	}
	return limit, limit > 0 && limit <= maxTimeLimit
}

// ParseMemoryLimit reads the first amount of memory in a text, in bytes. A
// judge's kilobyte is 1024 bytes, however it is spelled: that is what the
// judges enforce.
func ParseMemoryLimit(text string) (int64, bool) {
	m := memoryValue.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	bytes := quantity(m[1], true) * memoryUnit(strings.ToLower(m[2]))
	if bytes < 1 || bytes > maxMemoryLimit {
		return 0, false
	}
	return int64(bytes), true
}

func duration(value, unit string) time.Duration {
	scale := timeUnit(strings.ToLower(unit))
	amount := quantity(value, scale < time.Second) * float64(scale)
	if amount > float64(maxTimeLimit) {
		return maxTimeLimit + 1
	}
	return time.Duration(amount + 0.5)
}

// quantity is the largest of the amounts before a unit.
func quantity(text string, small bool) float64 {
	var most float64
	for amount := range strings.SplitSeq(text, "/") {
		most = max(most, amountOf(strings.TrimSpace(amount), small))
	}
	return most
}

// amountOf reads a number with a point or a comma. "1,000" is a thousand
// where small units make that likely, and one otherwise.
func amountOf(text string, small bool) float64 {
	if small && thousands.MatchString(text) {
		text = strings.ReplaceAll(text, ",", "")
	}
	value, err := strconv.ParseFloat(strings.ReplaceAll(text, ",", "."), 64)
	if err != nil {
		return 0
	}
	return value
}

func timeUnit(unit string) time.Duration {
	switch {
	case hasPrefix(unit, "milli", "ms", "милли", "мс", "ミリ", "밀리", "毫"):
		return time.Millisecond
	case hasPrefix(unit, "min", "мин", "分", "분"):
		return time.Minute
	}
	return time.Second
}

func memoryUnit(unit string) float64 {
	switch {
	case hasPrefix(unit, "k", "к"):
		return 1 << 10
	case hasPrefix(unit, "m", "м", "メガ", "메가"):
		return 1 << 20
	case hasPrefix(unit, "g", "г", "ギガ", "기가"):
		return 1 << 30
	}
	return 1
}

func hasPrefix(text string, prefixes ...string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// The labels that judges put before a limit. Between label and value there is
// at most a little text without digits: a colon, "per test", a table's cell.
var (
	timeLabel = regexp.MustCompile(`(?i)(?:cpu time limit|time limit|time-limit|ограничение (?:по )?времени|лимит времени|` +
		`предел времени|время:|limit czasu|zeitlimit|zeitbeschränkung|limite de temps|límite de tiempo|limite de tempo|timelimit|実行時間制限|実行制限時間|制限時間|時間制限|시간 ?제한|제한 ?시간|时间限制|時間限制)[^\d]{0,32}?(` + number + `(?:\s*/\s*` + number + `)*\s*(?:` + timeUnits + `)` + unitEnd + `)`)
	memoryLabel = regexp.MustCompile(`(?i)(?:memory limit|memory-limit|ограничение (?:по )?памяти|лимит памяти|предел памяти|память:|limit pamięci|dostępna pamięć|speicherlimit|speicherbeschränkung|limite (?:de )?mémoire|límite de memoria|limite de memória|` +
		`メモリ制限|メモリー制限|메모리 ?제한|제한 ?메모리|内存限制|空间限制|記憶體限制)[^\d]{0,32}?(` + number + `(?:\s*/\s*` + number + `)*\s*(?:` + memoryUnits + `)` + unitEnd + `)`)
)

// statedTime finds a labelled time limit in running text; 0 when none stands.
func statedTime(text string) time.Duration {
	if at := timeLabel.FindStringSubmatchIndex(text); at != nil {
		return timeOf(text[at[2]:])
	}
	return 0
}

func statedMemory(text string) int64 {
	if at := memoryLabel.FindStringSubmatchIndex(text); at != nil {
		return memoryOf(text[at[2]:])
	}
	return 0
}

// timeOf is the limit in a text that holds nothing else; 0 when it has none.
func timeOf(text string) time.Duration {
	if limit, ok := ParseTimeLimit(text); ok {
		return limit
	}
	return 0
}

func memoryOf(text string) int64 {
	limit, _ := ParseMemoryLimit(text)
	return limit
}

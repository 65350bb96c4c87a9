package llm

import (
	"fmt"
	"strconv"
	"strings"
)

const (
	nanoPerUnit = 1_000_000_000
	nanoDigits  = 9
)

// ParseAmount reads a decimal amount of money, such as "0.15", exactly into
// nano units. It takes digits and at most one point: no sign, no exponent, no
// currency, at most nine decimal places.
func ParseAmount(s string) (nano int64, err error) {
	whole, fraction, point := strings.Cut(s, ".")
	if !digits(whole) || (point && !digits(fraction)) {
		return 0, fmt.Errorf("%.40q is not an amount: write digits with at most one point, such as 0.15", s)
	}
	if len(fraction) > nanoDigits {
		return 0, fmt.Errorf("%.40q has more than %d decimal places", s, nanoDigits)
	}
	fraction += strings.Repeat("0", nanoDigits-len(fraction))
	nano, err = strconv.ParseInt(whole+fraction, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%.40q is too large: the most is 9223372036", s)
	}
	return nano, nil
}

func digits(s string) bool {
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return false
		}
	}
	return s != ""
}

// FormatAmount writes nano units as a decimal without trailing zeros, such as
// "0.00123". ParseAmount reads it back, unless it is negative.
func FormatAmount(nano int64) string {
	sign, size := "", uint64(nano) //nolint:gosec // a negative number is dealt with below
	if nano < 0 {
		// Two's complement: right for the smallest number too, which has no
		// positive counterpart.
		sign, size = "-", -size
	}
	whole, fraction := size/nanoPerUnit, size%nanoPerUnit
	if fraction == 0 {
		return sign + strconv.FormatUint(whole, 10)
	}
	return fmt.Sprintf("%s%d.%s", sign, whole, strings.TrimRight(fmt.Sprintf("%09d", fraction), "0"))
}

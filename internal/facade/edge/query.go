package edge

import (
	"net/url"
	"strings"
)

// maxQuery bounds a query, in bytes. Ours are a few short parameters.
const maxQuery = 2 << 10

// canonical is the one spelling of all queries that mean the same: parameters
// in order, values of one parameter as they came. ok is false where it cannot
// be read.
func canonical(raw string) (query string, ok bool) {
	if isCanonical(raw) {
		return raw, true
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", false
	}
	return values.Encode(), true
}

// isCanonical recognises what most clients send without a copy of it: ordered
// name=value pairs that need no escape.
func isCanonical(raw string) bool {
	last := ""
	for rest, more := raw, raw != ""; more; {
		var pair string
		pair, rest, more = strings.Cut(rest, "&")
		name, value, assigned := strings.Cut(pair, "=")
		if !assigned || name < last || !unescaped(name) || !unescaped(value) {
			return false
		}
		last = name
	}
	return true
}

// unescaped says whether text has only characters that url.QueryEscape leaves
// as they are.
func unescaped(text string) bool {
	for i := range len(text) {
		c := text[i]
		if !isAlphanumeric(c) && c != '-' && c != '_' && c != '.' && c != '~' {
			return false
		}
	}
	return true
}

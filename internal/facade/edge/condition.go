package edge

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
)

// tagOf is the strong entity tag of a body as it is sent, so that each coding
// has its own.
func tagOf(body []byte) string {
	sum := sha256.Sum256(body)
	// 128 bits: two bodies of one address never share it.
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// precondition is what a request's conditions make of the answer: 200 is to
// send it, 304 and 412 are not to (RFC 9110, section 13.2.2). There are no
// dates to compare: no answer has a Last-Modified.
func precondition(header http.Header, tag string) int {
	if lines := header["If-Match"]; lines != nil && !lists(lines, tag, false) {
		return http.StatusPreconditionFailed
	}
	if lines := header["If-None-Match"]; lines != nil && lists(lines, tag, true) {
		return http.StatusNotModified
	}
	return http.StatusOK
}

// lists says whether a list of entity tags has ours, or is "*". Weak
// comparison takes W/"x" for "x". It stops at what it cannot read.
func lists(lines []string, tag string, weakly bool) bool {
	for _, line := range lines {
		if strings.Trim(line, " \t") == "*" {
			return true
		}
		for rest := line; rest != ""; {
			var one string
			var weak, ok bool
			if one, weak, rest, ok = nextTag(rest); !ok {
				break
			}
			if one == tag && (weakly || !weak) {
				return true
			}
		}
	}
	return false
}

// nextTag takes the first entity tag, quotes and all, off a list.
func nextTag(list string) (tag string, weak bool, rest string, ok bool) {
	list = strings.TrimLeft(list, " \t,")
	list, weak = strings.CutPrefix(list, "W/")
	if list == "" || list[0] != '"' {
		return "", false, "", false
	}
	end := strings.IndexByte(list[1:], '"')
	if end < 0 {
		return "", false, "", false
	}
	tag, rest = list[:end+2], strings.TrimLeft(list[end+2:], " \t")
	if rest != "" && rest[0] != ',' {
		return "", false, "", false
	}
	return tag, weak, rest, true
}

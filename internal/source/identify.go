package source

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/idna"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The bounds of a key's parts, as the CRDs have them.
const (
	maxPlatform = 63
	maxID       = 128
)

// Identify names the problem at an address by the address alone, and gives
// the one address that stands for all its spellings. Errors are *Error.
func Identify(rawURL string) (problem.Key, string, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return problem.Key{}, "", err
	}
	host, err := hostName(u)
	if err != nil {
		return problem.Key{}, "", err
	}
	if j := judgeOf(host); j != nil {
		return j.identify(host, u)
	}
	id, err := slugID(host, u)
	if err != nil {
		return problem.Key{}, "", err
	}
	return problem.Key{Platform: platformOf(host), ID: id}, canonical(host, u), nil
}

// hostName is the host in lower case ASCII, without a final dot.
func hostName(u *url.URL) (string, error) {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if net.ParseIP(host) != nil {
		return host, nil
	}
	ascii, err := idna.Lookup.ToASCII(host)
	if err != nil || ascii == "" || !nameCharacters.MatchString(ascii) {
		return "", stalled(URLInvalid, "the host name of the address is not valid; correct source.url")
	}
	return ascii, nil
}

var (
	nameCharacters = regexp.MustCompile(`^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*$`)
	notPlatform    = regexp.MustCompile(`[^a-z0-9]+`)
	notSlug        = regexp.MustCompile(`[^a-z0-9_]+`)
	endsLikeHash   = regexp.MustCompile(`(^|-)[0-9a-f]{12}$`)
	losslessPath   = regexp.MustCompile(`^(/[a-z0-9_]+)+$`)
	trackingNames  = regexp.MustCompile(`^(utm_\w+|fbclid|gclid|yclid|msclkid|mc_cid|mc_eid|igshid|_ga|ref|ref_src)$`)
)

// platformOf turns an unknown host into a platform that no known judge has.
func platformOf(host string) string {
	name := strings.Trim(notPlatform.ReplaceAllString(strings.TrimPrefix(host, "www."), "-"), "-")
	if name == "" || len(name) > maxPlatform {
		name = strings.Trim(clip(name, maxPlatform-13), "-") + "-" + shortHash(host)
		name = strings.TrimPrefix(name, "-")
	}
	if name == "inline" || isPlatform(name) {
		name += "-host"
	}
	return name
}

// slugID makes an id of a path and query. Where the slug alone could be that
// of another page, a hash of the whole address makes it unique.
func slugID(host string, u *url.URL) (string, error) {
	path, query := u.EscapedPath(), essentialQuery(u)
	path = strings.TrimSuffix(path, "/")
	if path == "" && query == "" {
		return "", stalled(URLInvalid, "the address is that of a whole site; give source.url the page of one problem")
	}
	whole := path
	if query != "" {
		whole += "?" + query
	}
	slug := strings.Trim(notSlug.ReplaceAllString(strings.ToLower(whole), "-"), "-_")
	lossless := losslessPath.MatchString(whole) && "/"+strings.ReplaceAll(slug, "-", "/") == whole &&
		!strings.Contains(host, "-") && len(slug) <= maxID && !endsLikeHash.MatchString(slug)
	if lossless {
		return slug, nil
	}
	slug = strings.TrimRight(clip(slug, maxID-13), "-_")
	return strings.TrimPrefix(slug+"-"+shortHash(host+"\x00"+whole), "-"), nil
}

func canonical(host string, u *url.URL) string {
	c := url.URL{Scheme: u.Scheme, Host: host, Path: u.Path, RawPath: u.RawPath, RawQuery: essentialQuery(u)}
	if strings.Contains(host, ":") {
		c.Host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != defaultPort(u.Scheme) {
		c.Host = net.JoinHostPort(host, port)
	}
	return c.String()
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

// essentialQuery drops what only tracks people, and sorts the rest.
func essentialQuery(u *url.URL) string {
	query := u.Query()
	for name := range query {
		if trackingNames.MatchString(name) {
			delete(query, name)
		}
	}
	return query.Encode()
}

// shortHash has 48 bits: enough against accidents among a judge's pages.
func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:6])
}

package llm

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// NormalEndpoint checks a base URL and returns it without a trailing slash.
// Credentials, queries and fragments have no place in it.
func NormalEndpoint(endpoint string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(endpoint))
	if err != nil {
		// The parser's error repeats the whole URL, credentials included.
		return "", errors.New("the endpoint is not a URL")
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return "", errors.New("the endpoint must be an http or https URL with a host")
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("the endpoint must have no user, query or fragment")
	}
	return strings.TrimRight(u.String(), "/"), nil
}

// NormalKey returns the key without the newline that files and Secrets tend to
// end with, and refuses one that no HTTP header can carry.
func NormalKey(key Secret) (Secret, error) {
	trimmed := strings.TrimSpace(key.Reveal())
	if trimmed == "" {
		return "", errors.New("the API key is empty")
	}
	for _, c := range []byte(trimmed) {
		if c <= ' ' || c >= 0x7f {
			return "", errors.New("the API key has a character that no key has")
		}
	}
	return Secret(trimmed), nil
}

// CheckModelName refuses a name that would change the URL it becomes part of.
func CheckModelName(model string) error {
	ok, err := regexp.MatchString(`^[A-Za-z0-9][A-Za-z0-9._:@-]*(/[A-Za-z0-9][A-Za-z0-9._:@-]*)*$`, model)
	if err != nil || !ok {
		return fmt.Errorf("%q is not a model's name", model)
	}
	return nil
}

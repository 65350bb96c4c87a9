package source

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// The bounds of what a server may make us wait after a 429.
const (
	defaultRetryAfter = time.Minute
	maxRetryAfter     = time.Hour
)

// page turns a response into a page or a classed error.
func (f *Fetcher) page(resp *http.Response, etag string) (*Page, error) {
	final := resp.Request.URL.String()
	if resp.StatusCode == http.StatusNotModified && etag != "" {
		return &Page{URL: final, ETag: etag, NotModified: true}, nil
	}
	if challenged(resp.Header) {
		return nil, blockedPage()
	}
	body, err := f.body(resp)
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil, f.statusError(resp, body)
	}
	if err != nil {
		return nil, err
	}
	kind := mediaType(resp.Header.Get("Content-Type"), body)
	if !readable(kind) || isPDF(body) {
		return nil, notHTML(kind, body)
	}
	text := decode(body, resp.Header.Get("Content-Type"))
	if int64(len(text)) > f.options.MaxBytes {
		return nil, f.tooLarge()
	}
	return &Page{URL: final, Body: text, ContentType: kind, ETag: storable(resp.Header.Get("ETag"))}, nil
}

// maxETag is far longer than servers make them; it is kept in a status.
const maxETag = 256

// storable drops an ETag that is no use for a later request.
func storable(etag string) string {
	if len(etag) > maxETag || !printable(etag) {
		return ""
	}
	return etag
}

// body reads at most MaxBytes of the decompressed body.
func (f *Fetcher) body(resp *http.Response) ([]byte, error) {
	if resp.ContentLength > f.options.MaxBytes {
		return nil, f.tooLarge()
	}
	host := clip(resp.Request.URL.Hostname(), 100)
	reader := io.Reader(resp.Body)
	switch encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		unzipped, err := gzip.NewReader(resp.Body)
		if err != nil {
			return nil, retry(host+" sent a page that cannot be decompressed; the fetch is tried again", err)
		}
		reader = unzipped
	default:
		return nil, stalled(NotHTML, "the page comes in a compression that was not asked for; "+saveThePage)
	}
	body, err := io.ReadAll(io.LimitReader(reader, f.options.MaxBytes+1))
	if int64(len(body)) > f.options.MaxBytes {
		return nil, f.tooLarge()
	}
	if err != nil {
		return nil, retry(host+" did not send the whole page; the fetch is tried again", err)
	}
	return body, nil
}

func (f *Fetcher) tooLarge() *Error {
	return stalled(PageTooLarge, fmt.Sprintf("the page is larger than %d KiB; save only the statement in a ConfigMap and name it in source.pageConfigMapRef", f.options.MaxBytes>>10))
}

// statusError classes an answer that is no page. The body is only looked at
// for the marks of a bot wall or a login.
func (f *Fetcher) statusError(resp *http.Response, body []byte) error {
	host, status := clip(resp.Request.URL.Hostname(), 100), resp.StatusCode
	switch {
	case status == http.StatusNotFound, status == http.StatusGone:
		return stalled(PageNotFound, fmt.Sprintf("%s has no such page (status %d); correct source.url", host, status))
	case status == http.StatusUnauthorized:
		return loginPage()
	case walled(body):
		return blockedPage()
	case status == http.StatusTooManyRequests:
		return &Error{
			Class: Wait, Reason: RateLimited, RetryAfter: f.retryAfter(resp.Header),
			Message: host + " asks for fewer requests; the fetch is tried again later",
		}
	case status == http.StatusForbidden, status == http.StatusUnavailableForLegalReasons:
		return stalled(PageBlocked, fmt.Sprintf("%s refuses to serve the page (status %d); %s", host, status, saveThePage))
	case status >= 500, status == http.StatusRequestTimeout, status == http.StatusTooEarly:
		failed := retry(fmt.Sprintf("%s answered with status %d; the fetch is tried again", host, status), nil)
		if resp.Header.Get("Retry-After") != "" {
			failed.RetryAfter = f.retryAfter(resp.Header)
		}
		return failed
	}
	return stalled(FetchFailed, fmt.Sprintf("%s answered with status %d; correct source.url, or %s", host, status, saveThePage))
}

// retryAfter reads the header as seconds or as a date.
func (f *Fetcher) retryAfter(h http.Header) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return min(max(time.Duration(seconds)*time.Second, time.Second), maxRetryAfter)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(f.options.Now()), time.Second), maxRetryAfter)
	}
	return defaultRetryAfter
}

// mediaType is the declared type without parameters, or the sniffed one.
func mediaType(declared string, body []byte) string {
	if kind, _, err := mime.ParseMediaType(declared); err == nil {
		return kind
	}
	kind, _, _ := mime.ParseMediaType(http.DetectContentType(body))
	return kind
}

func readable(kind string) bool {
	switch kind {
	case "text/html", "application/xhtml+xml", "application/json", "text/plain", "text/json", "application/xml", "text/xml":
		return true
	}
	return strings.HasSuffix(kind, "+json")
}

func isPDF(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, "\ufeff \t\r\n"), []byte("%PDF-"))
}

func notHTML(kind string, body []byte) *Error {
	what := "neither HTML nor JSON (" + clip(kind, 60) + ")"
	if isPDF(body) || kind == "application/pdf" {
		what = "a PDF"
	}
	return stalled(NotHTML, "the page is "+what+"; give source.url the HTML page of the problem, or write the problem as source.inline")
}

// A saved page may have comments and scripts before its meta element; browsers
// give up after 1024 bytes.
const maxDeclaration = 64 << 10

var declaredCharset = regexp.MustCompile(`(?i)<meta\s[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)`)

// decode turns a body into UTF-8 by its header, its byte order mark or its
// meta element, as browsers do. Text that is UTF-8 already stays as it is
// where nothing was declared.
func decode(body []byte, contentType string) []byte {
	encoding, name, certain := charset.DetermineEncoding(body, contentType)
	if m := declaredCharset.FindSubmatch(body[:min(len(body), maxDeclaration)]); m != nil && !certain {
		if declared, known := charset.Lookup(string(m[1])); declared != nil {
			encoding, name = declared, known
		}
	}
	if name == "utf-8" || !certain && utf8.Valid(body) {
		return bytes.ToValidUTF8(bytes.TrimPrefix(body, []byte("\ufeff")), []byte("\uFFFD"))
	}
	decoded, err := encoding.NewDecoder().Bytes(body)
	if err != nil {
		decoded = body
	}
	return bytes.ToValidUTF8(decoded, []byte("\uFFFD"))
}

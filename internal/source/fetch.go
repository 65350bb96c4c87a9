package source

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// The defaults of FetcherOptions.
const (
	DefaultUserAgent = "AlgoItny/dev (+https://github.com/algoitny/algoitny-operator)"
	DefaultTimeout   = 30 * time.Second
	DefaultMaxBytes  = 5 << 20
	DefaultInterval  = time.Second
)

const (
	maxRedirects = 5
	maxHeaders   = 64 << 10
)

// FetcherOptions configure a Fetcher. Zero values mean the defaults.
type FetcherOptions struct {
	// Allow lists a host or host:port that is exempt from the address and
	// port checks, for example the demo's own page server.
	Allow []string
	// Pinned maps a host to the host:port on loopback that stands in for it:
	// no name is looked up, and plain HTTP is spoken whatever the address
	// says. Only the demo pins its own judges.
	Pinned map[string]string
	// UserAgent tells the judges who asks and where to complain.
	UserAgent string
	// Timeout bounds one fetch from the first connection to the last byte,
	// redirects and the pauses between them included.
	Timeout time.Duration
	// MaxBytes bounds the page after decompression and after decoding.
	MaxBytes int64
	// Interval is the least time between two requests to one host.
	Interval time.Duration

	// Resolver looks names up; nil means the system's.
	Resolver *net.Resolver
	// RootCAs verifies servers; nil means the system's.
	RootCAs *x509.CertPool
	// Now and Sleep are the clock of the pauses between requests.
	Now   func() time.Time
	Sleep func(context.Context, time.Duration) error
}

// Page is a fetched or saved page.
type Page struct {
	// URL is the final address, after redirects.
	URL string
	// Body is UTF-8. It is empty when NotModified.
	Body        []byte
	ContentType string
	ETag        string
	// NotModified says that the page with the given ETag is still the page.
	NotModified bool
}

// Fetcher fetches pages from public addresses. Safe for concurrent use.
type Fetcher struct {
	options FetcherOptions
	allow   allowList
	limiter *hostLimiter
	client  *http.Client
	// reachable decides on a concrete address; tests have only loopback.
	reachable func(netip.Addr) bool
}

// NewFetcher returns a Fetcher that keeps no connections between fetches.
func NewFetcher(o FetcherOptions) *Fetcher {
	o = o.withDefaults()
	f := &Fetcher{
		options: o, allow: newAllowList(o.Allow), reachable: public,
		limiter: newHostLimiter(o.Interval, o.Now, o.Sleep),
	}
	f.client = &http.Client{Transport: newPinnedTransport(o.Pinned, f.transport()), CheckRedirect: f.checkRedirect}
	return f
}

func (o FetcherOptions) withDefaults() FetcherOptions {
	if o.UserAgent == "" {
		o.UserAgent = DefaultUserAgent
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Interval <= 0 {
		o.Interval = DefaultInterval
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return o
}

// transport has no Proxy: a proxy from the environment would connect for us,
// past the address check. It leaves gzip to us so that bombs are bounded.
func (f *Fetcher) transport() *http.Transport {
	return &http.Transport{
		DialContext:            f.dial,
		TLSClientConfig:        &tls.Config{RootCAs: f.options.RootCAs, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true,
		DisableKeepAlives:      true,
		ForceAttemptHTTP2:      true,
		MaxResponseHeaderBytes: maxHeaders,
	}
}

// dial checks the concrete address of every connection after the name was
// looked up, so a name that changes its address gains nothing.
func (f *Fetcher) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := net.Dialer{Timeout: 10 * time.Second, Resolver: f.options.Resolver}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if !f.allow.has(host, port) {
		dialer.Control = f.control
	}
	return dialer.DialContext(ctx, network, address)
}

func (f *Fetcher) control(_, address string, _ syscall.RawConn) error {
	concrete, err := netip.ParseAddrPort(address)
	if err != nil || !f.reachable(concrete.Addr()) {
		return stalled(AddressRefused, "the host has a private or reserved address, which is never fetched from; correct source.url, or "+saveThePage)
	}
	return nil
}

// checkRedirect applies to every hop what applies to the first address.
func (f *Fetcher) checkRedirect(req *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return stalled(TooManyRedirects, "the page redirects more than 5 times; give source.url the final address, or "+saveThePage)
	}
	if err := checkURL(req.URL); err != nil {
		return err
	}
	if via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme == "http" {
		return stalled(AddressRefused, "the page redirects from https to http; give source.url the final address, or "+saveThePage)
	}
	if err := f.allow.checkPort(req.URL); err != nil {
		return err
	}
	return f.limiter.wait(req.Context(), req.URL.Hostname())
}

// Fetch gets a page. With the ETag of an earlier fetch an unchanged page comes
// back as NotModified. Errors are *Error.
func (f *Fetcher) Fetch(ctx context.Context, rawURL, etag string) (*Page, error) {
	u, err := parseURL(rawURL)
	if err != nil {
		return nil, err
	}
	if err := f.allow.checkPort(u); err != nil {
		return nil, err
	}
	u.Fragment = ""
	// Queueing for a busy host must not use up the time of the fetch itself.
	if err := f.limiter.wait(ctx, u.Hostname()); err != nil {
		return nil, retry("the fetch was given up before it began; it is tried again", err)
	}
	ctx, cancel := context.WithTimeout(ctx, f.options.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, stalled(URLInvalid, "the address cannot be requested; correct source.url")
	}
	f.setHeaders(req, etag)
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, transportError(u.Hostname(), err)
	}
	defer func() { _ = resp.Body.Close() }()
	return f.page(resp, etag)
}

func (f *Fetcher) setHeaders(req *http.Request, etag string) {
	req.Header.Set("User-Agent", f.options.UserAgent)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,application/json;q=0.8")
	req.Header.Set("Accept-Language", "en,*;q=0.5")
	req.Header.Set("Accept-Encoding", "gzip")
	if etag != "" && printable(etag) {
		req.Header.Set("If-None-Match", etag)
	}
}

// printable keeps a damaged stored ETag from failing the whole request.
func printable(text string) bool {
	for _, b := range []byte(text) {
		if b < 0x20 || b == 0x7f {
			return false
		}
	}
	return true
}

// transportError classes a request that got no answer.
func transportError(host string, err error) error {
	if ours, ok := errors.AsType[*Error](err); ok {
		return ours
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return retry("the name "+clip(host, 100)+" is not known to the DNS; check source.url", err)
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return retry("the certificate of "+clip(host, 100)+" is not valid; check source.url, or "+saveThePage, err)
	}
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() || errors.Is(err, context.DeadlineExceeded) {
		return retry(clip(host, 100)+" did not answer in time; the fetch is tried again", err)
	}
	return retry(clip(host, 100)+" could not be reached; the fetch is tried again", err)
}

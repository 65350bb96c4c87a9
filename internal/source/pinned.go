package source

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// pinnedTransport sends requests for pinned hosts to their stand-ins and all
// others on.
type pinnedTransport struct {
	standIns map[string]string
	plain    *http.Transport
	others   http.RoundTripper
}

func newPinnedTransport(pinned map[string]string, others http.RoundTripper) http.RoundTripper {
	if len(pinned) == 0 {
		return others
	}
	t := &pinnedTransport{standIns: make(map[string]string, len(pinned)), others: others}
	for host, address := range pinned {
		t.standIns[strings.ToLower(host)] = address
	}
	t.plain = &http.Transport{
		DialContext: t.dial, DisableCompression: true, DisableKeepAlives: true, MaxResponseHeaderBytes: maxHeaders,
	}
	return t
}

// RoundTrip asks a stand-in in plain HTTP, with the host that was asked for.
func (t *pinnedTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if t.standIn(req.URL.Hostname()) == "" {
		return t.others.RoundTrip(req)
	}
	plain := req.Clone(req.Context())
	plain.URL.Scheme = "http"
	resp, err := t.plain.RoundTrip(plain)
	if err != nil {
		return nil, err
	}
	resp.Request = req
	return resp, nil
}

func (t *pinnedTransport) standIn(host string) string { return t.standIns[strings.ToLower(host)] }

func (t *pinnedTransport) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{Timeout: 10 * time.Second, Control: onlyLoopback}
	return dialer.DialContext(ctx, network, t.standIn(host))
}

// onlyLoopback keeps a pinned host from becoming a way around the guard to
// anything but this machine's own servers.
func onlyLoopback(_, address string, _ syscall.RawConn) error {
	concrete, err := netip.ParseAddrPort(address)
	if err != nil || !concrete.Addr().Unmap().IsLoopback() {
		return stalled(AddressRefused, "the host is pinned to an address that is not on loopback; correct the configuration of the operator")
	}
	return nil
}

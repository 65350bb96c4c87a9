package source

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

func TestOnlyPublicAddressesAreReachable(t *testing.T) {
	for text, want := range map[string]bool{
		"8.8.8.8": true, "104.21.5.9": true, "2606:4700::6810:85e5": true, "::ffff:8.8.8.8": true, "64:ff9b::808:808": true,
		// This machine and its networks.
		"127.0.0.1": false, "127.8.9.10": false, "::1": false, "0.0.0.0": false, "::": false, "0.1.2.3": false,
		"10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false, "fc00::1": false, "fd12::1": false,
		"100.64.0.1": false, "100.127.255.254": false,
		// Link-local, and the metadata services of the clouds.
		"169.254.169.254": false, "169.254.170.2": false, "fe80::1": false, "fe80::1%eth0": false, "fd00:ec2::254": false,
		"100.100.100.200": false, "192.0.0.192": false, "168.63.129.16": false,
		// IPv4 inside IPv6.
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:10.0.0.1": false, "::127.0.0.1": false, "::10.0.0.1": false,
		"::8.8.8.8": false, "64:ff9b::7f00:1": false, "64:ff9b::a9fe:a9fe": false, "64:ff9b:1::a00:1": false,
		"2002:7f00:1::": false, "2002:a9fe:a9fe::1": false, "2001:0:4136:e378:8000:63bf:3fff:fdd2": false,
		// Reserved, documentation, multicast, broadcast.
		"192.0.2.1": false, "198.51.100.1": false, "203.0.113.1": false, "198.18.0.1": false, "224.0.0.1": false, "239.1.1.1": false,
		"240.0.0.1": false, "255.255.255.255": false, "192.88.99.1": false, "ff02::1": false, "2001:db8::1": false, "3fff::1": false,
		"fec0::1": false, "100::1": false, "5f00::1": false,
	} {
		if got := public(netip.MustParseAddr(text)); got != want {
			t.Errorf("public(%s) = %v, want %v", text, got, want)
		}
	}
}

func TestAddressesAreRefusedBeforeAnythingIsSent(t *testing.T) {
	for raw, want := range map[string]Reason{
		"ftp://judge.example/1":              URLInvalid,
		"file:///etc/passwd":                 URLInvalid,
		"gopher://judge.example/1":           URLInvalid,
		"javascript:alert(1)":                URLInvalid,
		"//judge.example/1":                  URLInvalid,
		"judge.example/1":                    URLInvalid,
		"http://":                            URLInvalid,
		"http:judge.example":                 URLInvalid,
		"http://user:secret@judge.example/1": URLInvalid,
		"http://[::1":                        URLInvalid,
		"http://judge.example/" + strings.Repeat("a", 2048): URLInvalid,
		"http://127.0.0.1/1":                      AddressRefused,
		"http://[::1]/1":                          AddressRefused,
		"http://[::ffff:169.254.169.254]/latest":  AddressRefused,
		"http://169.254.169.254/latest/meta-data": AddressRefused,
		"https://10.96.0.1/api":                   AddressRefused,
		"http://localhost/1":                      AddressRefused,
		"http://127.0.0.1:10250/pods":             AddressRefused,
		"http://judge.example:22/1":               AddressRefused,
		"http://[::]/1":                           AddressRefused,
		"http://0.0.0.0/1":                        AddressRefused,
		"http://[64:ff9b::7f00:1]/1":              AddressRefused,
		"http://[fe80::1%25eth0]/1":               AddressRefused,
		// Full-width digits become an address of the usual spelling.
		"http://１２７.０.０.１/1": AddressRefused,
		// Other spellings of 127.0.0.1.
		"http://2130706433/1":     URLInvalid,
		"http://0x7f000001/1":     URLInvalid,
		"http://0x7f.0.0.1/1":     URLInvalid,
		"http://0177.0.0.1/1":     URLInvalid,
		"http://017700000001/1":   URLInvalid,
		"http://127.1/1":          URLInvalid,
		"http://127.0.0.1./1":     URLInvalid,
		"http://127.0.0.0x1/1":    URLInvalid,
		"http://127%2e0%2e0.1/1":  URLInvalid,
		"http://judge.example.1/": URLInvalid,
	} {
		_, err := newFakeClock().fetcher(FetcherOptions{}).Fetch(t.Context(), raw, "")
		wantError(t, raw, err, Stalled, want)
	}
}

// nameServer answers every question about an IPv4 address with the next of its
// addresses, the last one for good.
func nameServer(t *testing.T, addresses ...string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	var asked atomic.Int64
	go func() {
		buffer := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buffer[:n]) != nil || len(m.Questions) == 0 {
				continue
			}
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
				next := netip.MustParseAddr(addresses[min(int(asked.Add(1)), len(addresses))-1])
				m.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class},
					Body:   &dnsmessage.AResource{A: next.As4()},
				}}
			}
			raw, err := m.Pack()
			if err == nil {
				_, _ = conn.WriteTo(raw, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func TestNamesOfPrivateAddressesAreRefusedAfterTheLookup(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "169.254.169.254", "10.0.0.7", "192.168.0.1", "100.64.0.1"} {
		f := newFakeClock().fetcher(FetcherOptions{Resolver: nameServer(t, address)})
		for _, host := range []string{"inside.judge.example", "inside.judge.example."} {
			_, err := f.Fetch(t.Context(), "http://"+host+"/problem/1", "")
			wantError(t, address, err, Stalled, AddressRefused)
		}
	}
}

func TestANameThatChangesItsAddressIsCheckedAtEveryConnection(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	f := newFakeClock().fetcher(FetcherOptions{Resolver: nameServer(t, "127.0.0.1", "127.0.0.2")})
	// For once the first address counts as public, and only that.
	f.reachable = func(a netip.Addr) bool { return a == netip.MustParseAddr("127.0.0.1") }
	address := net.JoinHostPort("rebind.judge.example", port)
	conn, err := f.dial(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	_, err = f.dial(t.Context(), "tcp", address)
	wantError(t, "second connection", err, Stalled, AddressRefused)
}

func TestNoProxyConnectsPastTheGuard(t *testing.T) {
	if newFakeClock().fetcher(FetcherOptions{}).transport().Proxy != nil {
		t.Error("the transport uses a proxy")
	}
}

func TestPinnedHostsReachLoopbackOnly(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("<p>" + r.Host))
	}))
	defer server.Close()
	f := newFakeClock().fetcher(FetcherOptions{Pinned: map[string]string{
		"Pinned.example": server.Listener.Addr().String(), "astray.example": "169.254.169.254:80",
	}})
	page, err := f.Fetch(t.Context(), "https://pinned.EXAMPLE/1", "")
	if err != nil || string(page.Body) != "<p>pinned.EXAMPLE" || page.URL != "https://pinned.EXAMPLE/1" {
		t.Errorf("page %+v, %v", page, err)
	}
	_, err = f.Fetch(t.Context(), "http://astray.example/1", "")
	wantError(t, "astray", err, Stalled, AddressRefused)
	_, err = f.Fetch(t.Context(), server.URL, "")
	wantError(t, "the stand-in itself", err, Stalled, AddressRefused)
}

// wantError checks class, reason and what all messages have to be.
func wantError(t *testing.T, what string, err error, class Class, reason Reason) {
	t.Helper()
	got, ok := errors.AsType[*Error](err)
	if !ok {
		t.Errorf("%.80s: error %v, want %s", what, err, reason)
		return
	}
	if got.Class != class || got.Reason != reason {
		t.Errorf("%.80s: %s %s (%s), want %s %s", what, got.Class, got.Reason, got.Message, class, reason)
	}
	if len(got.Message) > maxMessage || got.Message == "" || strings.ContainsAny(got.Message, "\n\r") {
		t.Errorf("%.80s: message %q", what, got.Message)
	}
	if !saysWhatToDo(got.Message) {
		t.Errorf("%.80s: message %q does not say what to do", what, got.Message)
	}
}

func saysWhatToDo(message string) bool {
	for _, verb := range []string{"correct ", "save ", "give ", "write ", "remove ", "tried again", "check source.url", "shorten "} {
		if strings.Contains(message, verb) {
			return true
		}
	}
	return false
}

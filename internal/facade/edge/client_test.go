package edge_test

import (
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/facade/edge"
)

func TestWhoAsksTooOftenIsToldWhenToComeBack(t *testing.T) {
	s := newSite(t, outer(say("it")), func(o *edge.Options) {
		o.ClientRate = edge.Rate{PerSecond: 0.4, Burst: 2}
		o.Unlimited = func(r *http.Request) bool { return r.URL.Path == "/ready" }
	})
	s.get("/").mustSay(t, "it")
	s.get("/").mustSay(t, "it")
	refused := s.get("/")
	refused.mustFail(t, http.StatusTooManyRequests)
	refused.mustHave(t, "Retry-After", "3", "X-Frame-Options", "DENY")
	s.get("/ready").mustSay(t, "it")
	s.clock.pass(2400 * time.Millisecond)
	s.get("/").mustHave(t, "Retry-After", "1")
	s.clock.pass(100 * time.Millisecond)
	s.get("/").mustSay(t, "it")
	if got := s.metric("algoitny_facade_rate_limited_total", "client"); got != 2 {
		t.Errorf("%v refusals are counted", got)
	}
}

func TestAllClientsTogetherAreLimitedToo(t *testing.T) {
	s := newSite(t, outer(say("it")), behindAProxy, func(o *edge.Options) {
		o.ClientRate, o.GlobalRate = edge.Rate{PerSecond: 1}, edge.Rate{PerSecond: 2}
	})
	s.get("/", "X-Forwarded-For", "192.0.2.1").mustSay(t, "it")
	for range 3 {
		// What a client is refused it does not take from the others.
		s.get("/", "X-Forwarded-For", "192.0.2.1").mustFail(t, http.StatusTooManyRequests)
	}
	s.get("/", "X-Forwarded-For", "192.0.2.2").mustSay(t, "it")
	s.get("/", "X-Forwarded-For", "192.0.2.3").mustFail(t, http.StatusTooManyRequests)
	if got := s.metric("algoitny_facade_rate_limited_total", "global"); got != 1 {
		t.Errorf("%v refusals are counted", got)
	}
}

func behindAProxy(o *edge.Options) {
	o.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8")}
}

func TestAClientIsKnownByTheAddressThatATrustedProxySaw(t *testing.T) {
	for forwarded, client := range map[string]string{
		"": "127.0.0.1", "192.0.2.1": "192.0.2.1", "198.51.100.7, 192.0.2.1": "192.0.2.1", "192.0.2.1, 10.1.1.1": "192.0.2.1",
		"192.0.2.1,10.1.1.1 ,\t10.2.2.2": "192.0.2.1", "10.3.3.3, 10.1.1.1": "10.3.3.3", "192.0.2.1:8080": "192.0.2.1", "[2001:db8::1]:80": "2001:db8::1",
		"2001:db8::1": "2001:db8::1", "::ffff:192.0.2.1": "192.0.2.1", "fe80::1%eth0": "fe80::1",
		"garbage": "127.0.0.1", "192.0.2.1, garbage": "127.0.0.1", "garbage, 192.0.2.1": "192.0.2.1", "192.0.2.1,": "127.0.0.1", ",": "127.0.0.1",
		"192.0.2.1, unknown, 10.1.1.1": "127.0.0.1", "999.0.2.1": "127.0.0.1",
	} {
		t.Run(forwarded, func(t *testing.T) {
			s := newSite(t, outer(say("it")), behindAProxy)
			s.get("/", "X-Forwarded-For", forwarded)
			eventually(t, "a line", func() bool { return s.access.String() != "" })
			if want := fmt.Sprintf(`"client":%q`, client); !strings.Contains(s.access.String(), want) {
				t.Errorf("got %s, want %s", s.access, want)
			}
		})
	}
	t.Run("over several lines", func(t *testing.T) {
		s := newSite(t, outer(say("it")), behindAProxy)
		s.get("/", "X-Forwarded-For", "198.51.100.7", "X-Forwarded-For", "192.0.2.1, 10.1.1.1", "X-Forwarded-For", "10.2.2.2")
		eventually(t, "a line", func() bool { return strings.Contains(s.access.String(), `"client":"192.0.2.1"`) })
	})
	t.Run("from a stranger", func(t *testing.T) {
		s := newSite(t, outer(say("it")))
		s.get("/", "X-Forwarded-For", "192.0.2.1")
		eventually(t, "a line", func() bool { return strings.Contains(s.access.String(), `"client":"127.0.0.1"`) })
	})
}

func TestANetworkOfIPv6IsOneClient(t *testing.T) {
	s := newSite(t, outer(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, edge.Client(r.Context())) }), behindAProxy,
		func(o *edge.Options) { o.ClientRate = edge.Rate{PerSecond: 1} })
	s.get("/", "X-Forwarded-For", "2001:db8:0:1::1").mustSay(t, "2001:db8:0:1::")
	s.get("/", "X-Forwarded-For", "2001:db8:0:1:ffff::2").mustFail(t, http.StatusTooManyRequests)
	s.get("/", "X-Forwarded-For", "2001:db8:0:2::1").mustSay(t, "2001:db8:0:2::")
	s.get("/", "X-Forwarded-For", "192.0.2.1").mustSay(t, "192.0.2.1")
	if got := edge.Client(t.Context()); got != "" {
		t.Errorf("nobody is %q", got)
	}
}

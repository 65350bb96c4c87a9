package edge

import (
	"net/netip"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// The fuzz tests hold what reads a client's text to what it promises; run one
// with
//
//	go test ./internal/facade/edge -run '^$' -fuzz FuzzAcceptEncoding

func FuzzAcceptEncoding(f *testing.F) {
	for _, seed := range []string{
		"", "gzip", "gzip, deflate, br, zstd", "*;q=0", "identity;q=0, gzip;q=0.5", "zstd;q=0, *;q=1", ";;,", "gzip;q=1.0001", "gzip;q=", "x-gzip ; Q=0.3",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		coding := negotiate([]string{text})
		if coding > unacceptable {
			t.Fatalf("%q gives %d", text, coding)
		}
		if lines := strings.Split(text, ","); negotiate(lines) != coding {
			t.Errorf("%q means something else in %d lines", text, len(lines))
		}
		if name := coding.name(); name != "" && !strings.Contains(strings.ToLower(text), name) && !strings.Contains(text, "*") {
			t.Errorf("%q gives %s, which it does not name", text, name)
		}
		if coding == unacceptable && !strings.Contains(text, "0") {
			t.Errorf("%q refuses nothing", text)
		}
	})
}

func FuzzForwardedFor(f *testing.F) {
	for _, seed := range []string{
		"", "192.0.2.1", "192.0.2.1, 10.0.0.1", "garbage, 10.0.0.1", "2001:db8::1", "[2001:db8::1]:80", "::ffff:10.0.0.1", ",", "10.0.0.1\t,10.0.0.2", "fe80::1%25x",
	} {
		f.Add(seed)
	}
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	peer := netip.MustParseAddr("10.9.9.9")
	f.Fuzz(func(t *testing.T, text string) {
		client := forwardedFor([]string{text}, trusted, peer)
		if !client.IsValid() || client.Zone() != "" || client.Is4In6() {
			t.Fatalf("%q gives %s", text, client)
		}
		// What stands before it changes nothing.
		if client != peer && !contains(trusted, client) && forwardedFor([]string{"x, " + text}, trusted, peer) != client {
			t.Errorf("%q gives another client when something is written before it", text)
		}
		if got := forwardedFor(strings.Split(text, ","), trusted, peer); got != client {
			t.Errorf("%q gives %s, and in lines %s", text, client, got)
		}
		if b := bucketOf(client); bucketOf(b) != b {
			t.Errorf("%s has the bucket %s", client, b)
		}
	})
}

func FuzzIfNoneMatch(f *testing.F) {
	const tag = `"0ofAMnVCx-pnLIjvY1rgvQ"`
	for _, seed := range []string{"", "*", tag, "W/" + tag, `"a", ` + tag, `"a" ` + tag, `"`, `W/"`, `,,"",`, `"a,b"`, "W/*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found := lists([]string{text}, tag, true)
		if found && !strings.Contains(text, tag) && strings.Trim(text, " \t") != "*" {
			t.Errorf("%q has it", text)
		}
		if !found && lists([]string{text}, tag, false) {
			t.Errorf("%q has it strongly, but not weakly", text)
		}
		if !lists([]string{text, tag}, tag, false) {
			t.Errorf("a line %q hides the next", text)
		}
	})
}

func FuzzCanonicalQuery(f *testing.F) {
	for _, seed := range []string{"", "a=1", "b=1&a=2", "a=1&a=2", "a=%31", "a", "a=&&b", "%zz", "a;b", "a=1+2", "=", "a=b=c", "é=ü", "a=%00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		query, ok := canonical(raw)
		want, err := url.ParseQuery(raw)
		if ok != (err == nil) {
			t.Fatalf("%q: ok is %v, and the error %v", raw, ok, err)
		}
		if !ok {
			return
		}
		got, err := url.ParseQuery(query)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q becomes %q: %v", raw, query, err)
		}
		if again, _ := canonical(query); again != query {
			t.Errorf("%q becomes %q and then %q", raw, query, again)
		}
		pairs := strings.Split(raw, "&")
		slices.SortStableFunc(pairs, func(a, b string) int { return strings.Compare(nameOf(a), nameOf(b)) })
		if other, _ := canonical(strings.Join(pairs, "&")); other != query {
			t.Errorf("%q becomes %q, and in order %q", raw, query, other)
		}
	})
}

func nameOf(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	plain, _ := url.QueryUnescape(name)
	return plain
}

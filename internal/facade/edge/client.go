package edge

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientOf is the address that a request came from: the peer's or, where that
// is a trusted proxy, the last one in X-Forwarded-For that is not. A header
// that cannot be read is as good as none; what stands before that address was
// written by the client and is not looked at.
func clientOf(r *http.Request, trusted []netip.Prefix) netip.Addr {
	peer := addressOf(r.RemoteAddr)
	if len(trusted) == 0 || !contains(trusted, peer) {
		return peer
	}
	return forwardedFor(r.Header["X-Forwarded-For"], trusted, peer)
}

// overTLS says whether the client's connection was encrypted, as far as the
// server or a trusted proxy in front of it knows. Where it was not, an answer may
// not have Strict-Transport-Security (RFC 6797, section 7.2).
func overTLS(r *http.Request, trusted []netip.Prefix) bool {
	if r.TLS != nil {
		return true
	}
	said := r.Header["X-Forwarded-Proto"]
	return len(said) == 1 && said[0] == "https" && contains(trusted, addressOf(r.RemoteAddr))
}

func forwardedFor(lines []string, trusted []netip.Prefix, peer netip.Addr) netip.Addr {
	client := peer
	for i := len(lines) - 1; i >= 0; i-- {
		rest, more := lines[i], true
		for more {
			var hop string
			rest, hop, more = lastOf(rest)
			client = addressOf(strings.Trim(hop, " \t"))
			if !client.IsValid() {
				return peer
			}
			if !contains(trusted, client) {
				return client
			}
		}
	}
	// All are trusted, so the first of them asks for itself.
	return client
}

// lastOf cuts the last element off a list.
func lastOf(list string) (rest, last string, more bool) {
	if i := strings.LastIndexByte(list, ','); i >= 0 {
		return list[:i], list[i+1:], true
	}
	return "", list, false
}

// addressOf reads an address with or without a port; what it cannot read is
// the zero Addr.
func addressOf(text string) netip.Addr {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a.Addr().Unmap().WithZone("")
	}
	a, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap().WithZone("")
}

func contains(prefixes []netip.Prefix, address netip.Addr) bool {
	for _, p := range prefixes {
		if p.Contains(address) {
			return true
		}
	}
	return false
}

// bucketOf is what of an address one client has to itself: of IPv6 a /64, in
// which a host may take any address it likes.
func bucketOf(client netip.Addr) netip.Addr {
	if !client.Is6() {
		return client
	}
	// 64 bits are never too many for an IPv6 address.
	prefix, _ := client.Prefix(64)
	return prefix.Addr()
}

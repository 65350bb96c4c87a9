package source

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// maxURL is what browsers and servers agree on accepting.
const maxURL = 2048

// refusedNetworks holds what netip's own predicates do not cover. Sources:
// the IANA special-purpose address registries of IPv4 and IPv6, plus the
// addresses clouds answer their machines on.
var refusedNetworks = prefixes(
	"0.0.0.0/8",        // this network
	"100.64.0.0/10",    // carrier-grade NAT; Alibaba's metadata service
	"168.63.129.16/32", // Azure's wire server
	"192.0.0.0/24",     // IETF protocol assignments; Oracle's metadata service
	"192.0.2.0/24",     // documentation
	"192.88.99.0/24",   // 6to4 relays
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"240.0.0.0/4",      // reserved and broadcast
	"2001::/23",        // IETF protocol assignments, Teredo among them
	"2001:db8::/32",    // documentation
	"2002::/16",        // 6to4: carries any IPv4 address
	"3fff::/20",        // documentation
)

var (
	// globalIPv6 is all that IANA has given out for public use.
	globalIPv6 = netip.MustParsePrefix("2000::/3")
	// nat64 carries an IPv4 address in its last four bytes; clusters without
	// IPv4 reach every public IPv4 host through it.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

func prefixes(texts ...string) []netip.Prefix {
	parsed := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		parsed[i] = netip.MustParsePrefix(text)
	}
	return parsed
}

// public tells whether an address belongs to the public internet. Anything
// that is not known to be public is refused.
func public(addr netip.Addr) bool {
	if addr.Zone() != "" {
		return false
	}
	addr = addr.Unmap()
	if nat64.Contains(addr) {
		raw := addr.As16()
		addr = netip.AddrFrom4([4]byte(raw[12:]))
	}
	if addr.Is6() && !globalIPv6.Contains(addr) {
		return false
	}
	if !addr.IsGlobalUnicast() || addr.IsPrivate() {
		return false
	}
	for _, network := range refusedNetworks {
		if network.Contains(addr) {
			return false
		}
	}
	return true
}

// allowList names hosts, or hosts with a port, that are exempt from the
// address and port checks.
type allowList map[string]bool

func newAllowList(entries []string) allowList {
	list := allowList{}
	for _, entry := range entries {
		list[strings.ToLower(strings.TrimSpace(entry))] = true
	}
	return list
}

func (l allowList) has(host, port string) bool {
	host = strings.ToLower(host)
	return l[host] || l[net.JoinHostPort(host, port)]
}

// parseURL applies the checks that need no network.
func parseURL(raw string) (*url.URL, error) {
	if len(raw) > maxURL {
		return nil, stalled(URLInvalid, "the address is longer than 2048 bytes; shorten source.url")
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil {
		return nil, stalled(URLInvalid, "the address cannot be parsed; correct source.url")
	}
	return u, checkURL(u)
}

func checkURL(u *url.URL) error {
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return stalled(URLInvalid, "the address is neither http nor https; correct source.url")
	case u.User != nil:
		return stalled(URLInvalid, "the address holds a user name or a password; remove them from source.url")
	case u.Hostname() == "" || u.Opaque != "":
		return stalled(URLInvalid, "the address names no host; correct source.url")
	case disguisedAddress(u.Hostname()):
		return stalled(URLInvalid, "the host is a number that is no IP address; correct source.url")
	}
	return nil
}

var numericLabel = regexp.MustCompile(`^(?:\d+|0[xX][0-9a-fA-F]*)$`)

// disguisedAddress knows the old spellings of IPv4 addresses (2130706433,
// 0x7f.1, 0177.0.0.1). No name ends in a number, but some resolvers take such
// a name for an address.
func disguisedAddress(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	return numericLabel.MatchString(labels[len(labels)-1])
}

// checkPort keeps fetches away from services that are no web servers.
func (l allowList) checkPort(u *url.URL) error {
	switch port := effectivePort(u); {
	case port == "80", port == "443", l.has(u.Hostname(), port):
		return nil
	}
	return stalled(AddressRefused, "only ports 80 and 443 are fetched from; correct source.url, or "+saveThePage)
}

func effectivePort(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	return defaultPort(u.Scheme)
}

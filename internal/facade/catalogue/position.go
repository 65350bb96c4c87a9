package catalogue

import (
	"errors"
	"strconv"
	"strings"
)

// Position is what a reader has seen: the newest revision of each kind. The
// kinds are watched apart, so that one number could not tell. Revisions are the
// API server's own, which makes a Position right on every replica.
type Position [len(kinds)]uint64

// ErrPosition means that a text is no position.
var ErrPosition = errors.New("not a position of this stream")

const (
	// base keeps positions short.
	base = 36
	// between stands between the revisions of a written position.
	between = "-"
	// longest is how long a written revision may be: 64 bits in that base.
	longest = 13
)

func (p Position) String() string {
	parts := make([]string, len(p))
	for i, revision := range p {
		parts[i] = strconv.FormatUint(revision, base)
	}
	return strings.Join(parts, between)
}

// ParsePosition reads what String wrote.
func ParsePosition(text string) (Position, error) {
	var p Position
	if len(text) > len(p)*(longest+1) {
		return Position{}, ErrPosition
	}
	parts := strings.Split(text, between)
	if len(parts) != len(p) {
		return Position{}, ErrPosition
	}
	for i, part := range parts {
		revision, err := strconv.ParseUint(part, base, 64)
		if err != nil || strconv.FormatUint(revision, base) != part {
			return Position{}, ErrPosition
		}
		p[i] = revision
	}
	return p, nil
}

// Of is the newest revision of a kind.
func (p *Position) Of(kind Kind) uint64 { return p[kind.index()] }

func (p *Position) see(kind Kind, revision uint64) {
	i := kind.index()
	p[i] = max(p[i], revision)
}

// Position is where the catalogue stands.
func (c *Catalogue) Position() Position {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.position
}

// Package cursor writes places in lists so that only this product can: a client
// takes a cursor back as it got it, and cannot make one.
package cursor

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
)

// ErrInvalid means that a cursor was not written here, or for another list.
var ErrInvalid = errors.New("the cursor is not one of this list")

const (
	// tag is how much of the HMAC is kept: 128 bits.
	tag = 16
	// longest bounds a cursor; a place is a title and a key at most.
	longest = 2048
)

// Signer writes and reads cursors.
type Signer struct{ key []byte }

// New returns a Signer whose key is made of a secret, of any length, that all
// replicas share.
func New(secret []byte) *Signer {
	sum := sha256.Sum256(append([]byte("algoitny cursor\x00"), secret...))
	return &Signer{key: sum[:]}
}

// Write makes a cursor of a place in a list; list says which list it is, its
// filters and order included.
func (s *Signer) Write(list string, place any) (string, error) {
	raw, err := json.Marshal(place)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(s.sign(list, raw), raw...)), nil
}

// Read gives the place back. The error is ErrInvalid.
func (s *Signer) Read(list, cursor string, place any) error {
	if len(cursor) > longest {
		return ErrInvalid
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) < tag || !hmac.Equal(raw[:tag], s.sign(list, raw[tag:])) {
		return ErrInvalid
	}
	if json.Unmarshal(raw[tag:], place) != nil {
		return ErrInvalid
	}
	return nil
}

func (s *Signer) sign(list string, raw []byte) []byte {
	mac := hmac.New(sha256.New, s.key)
	// The length keeps the two apart; writing to a hash never fails.
	size := len(list)
	_, _ = mac.Write([]byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)}) //nolint:gosec // the bytes of a number
	_, _ = mac.Write([]byte(list))
	_, _ = mac.Write(raw)
	return mac.Sum(nil)[:tag]
}

// Package protocol is what a judge and an agent say to each other over one
// stream. The judge asks, the agent obeys, one request at a time:
//
//	agent → judge: Ready, once
//	judge → agent: File, then Input… and InputEnd; answered by Result
//	judge → agent: Exec, then Input… and InputEnd; answered by Output… and Result
//	judge → agent: Reset; answered by Ready
//
// After a Reset the agent is as good as a new one: nothing of what it was asked
// before, and of what ran before, is left. A frame is one byte of kind, four bytes of length (big-endian) and the
// payload. The judge trusts nothing an agent says beyond what the agent's own
// program could have printed anyway.
package protocol

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Kind is the first byte of a frame.
type Kind byte

// The kinds of frames.
const (
	KindReady    Kind = 'A'
	KindFile     Kind = 'F'
	KindExec     Kind = 'X'
	KindReset    Kind = 'Z'
	KindInput    Kind = 'I'
	KindInputEnd Kind = 'E'
	KindOutput   Kind = 'O'
	KindResult   Kind = 'R'
)

// The bounds of a payload: data comes in many small frames, messages in one.
const (
	MaxData    = 64 << 10
	maxMessage = 1 << 20
	headerSize = 5
)

// Frame is one unit on the wire.
type Frame struct {
	Kind    Kind
	Payload []byte
}

// Write sends one frame in one write, so that frames of one writer stay whole.
func Write(w io.Writer, kind Kind, payload []byte) error {
	if len(payload) > maxMessage {
		return fmt.Errorf("a frame of %d bytes is too long", len(payload))
	}
	raw := make([]byte, headerSize, headerSize+len(payload))
	raw[0] = byte(kind)
	binary.BigEndian.PutUint32(raw[1:], uint32(len(payload))) //nolint:gosec // at most maxMessage
	if _, err := w.Write(append(raw, payload...)); err != nil {
		return fmt.Errorf("send a frame: %w", err)
	}
	return nil
}

// WriteJSON sends a message.
func WriteJSON(w io.Writer, kind Kind, message any) error {
	raw, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode a message: %w", err)
	}
	return Write(w, kind, raw)
}

// Read receives one frame. io.EOF means that the peer ended between frames.
func Read(r io.Reader) (Frame, error) {
	var header [headerSize]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return Frame{}, err
	}
	size := binary.BigEndian.Uint32(header[1:])
	if size > maxMessage {
		return Frame{}, fmt.Errorf("a frame of %d bytes is too long", size)
	}
	payload := make([]byte, size)
	if _, err := io.ReadFull(r, payload); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return Frame{}, fmt.Errorf("a frame is cut off: %w", err)
	}
	return Frame{Kind(header[0]), payload}, nil
}

// Decode reads a message of the kind that is expected.
func (f Frame) Decode(kind Kind, message any) error {
	if f.Kind != kind {
		return fmt.Errorf("a frame of kind %q came instead of %q", f.Kind, kind)
	}
	if err := json.Unmarshal(f.Payload, message); err != nil {
		return fmt.Errorf("decode a message: %w", err)
	}
	return nil
}

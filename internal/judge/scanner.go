package judge

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
)

// scanner walks over a stream byte by byte and knows where it is.
type scanner struct {
	r *bufio.Reader
	// line and token number the current token, both from 1; token counts
	// within the line.
	line, token int
	// text is the beginning of the current token.
	text []byte
	err  error
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: bufio.NewReaderSize(r, 64<<10), line: 1}
}

// buffered is what has been read already, of a stream that has not ended at
// least one byte.
func (s *scanner) buffered() []byte {
	if !s.more() {
		return nil
	}
	ahead, _ := s.r.Peek(s.r.Buffered())
	return ahead
}

// pass takes buffered bytes that end in whitespace, or none.
func (s *scanner) pass(text []byte) {
	if lines := bytes.Count(text, []byte{'\n'}); lines > 0 {
		s.line, s.token = s.line+lines, 0
	}
	inToken := false
	for _, b := range text[bytes.LastIndexByte(text, '\n')+1:] {
		if !inToken && !isSpace(b) {
			s.token++
		}
		inToken = !isSpace(b)
	}
	_, _ = s.r.Discard(len(text))
}

// more says whether a byte is left.
func (s *scanner) more() bool {
	_, ok := s.peek()
	return ok
}

func (s *scanner) peek() (byte, bool) {
	b, err := s.r.Peek(1)
	if err != nil {
		if err != io.EOF {
			s.err = err
		}
		return 0, false
	}
	return b[0], true
}

// space takes the next byte if it is whitespace.
func (s *scanner) space() (byte, bool) {
	b, ok := s.peek()
	if !ok || !isSpace(b) {
		return 0, false
	}
	_, _ = s.r.Discard(1)
	if b == '\n' {
		s.line, s.token = s.line+1, 0
	}
	return b, true
}

// start begins a token.
func (s *scanner) start() { s.token, s.text = s.token+1, s.text[:0] }

// char takes the next byte of the token.
func (s *scanner) char() (byte, bool) {
	b, ok := s.peek()
	if !ok || isSpace(b) {
		return 0, false
	}
	_, _ = s.r.Discard(1)
	if len(s.text) < maxNumber {
		s.text = append(s.text, b)
	}
	return b, true
}

// take reads the beginning of the next token, to be quoted.
func (s *scanner) take() {
	s.start()
	for len(s.text) <= maxShown {
		if _, ok := s.char(); !ok {
			return
		}
	}
}

func (s *scanner) place() string { return fmt.Sprintf("line %d, token %d", s.line, s.token) }

// next is the place of the token that has not begun yet.
func (s *scanner) next() string { return fmt.Sprintf("line %d, token %d", s.line, s.token+1) }

func isSpace(b byte) bool { return b == ' ' || '\t' <= b && b <= '\r' }

//go:build !cgo

package mutation

// parserAvailable: the grammars are C. A program built without it supports no
// language and works on.
const parserAvailable = false

type parser struct{}

func newParser(string) (*parser, error) { return nil, ErrLanguage }

func (*parser) close() {}

func (*parser) nodes(string) ([]*node, error) { return nil, ErrLanguage }

func (*parser) accepts([]edit) bool { return false }

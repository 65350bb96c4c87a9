package edge

import (
	"bytes"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// minCompressed is the shortest body, in bytes, that is worth compressing: it
// goes in one packet anyway.
const minCompressed = 1 << 10

// encoding is a content coding that a client takes. The forced ones are for
// whoever refuses bodies that have none.
type encoding uint8

const (
	identity encoding = iota
	gzipped
	zstandard
	gzippedForced
	zstandardForced
	// unacceptable is what no coding can answer.
	unacceptable
)

// name is that of the coding on the wire.
func (c encoding) name() string {
	switch c {
	case gzipped, gzippedForced:
		return "gzip"
	case zstandard, zstandardForced:
		return "zstd"
	}
	return ""
}

func (c encoding) forced() bool { return c == gzippedForced || c == zstandardForced }

// qualities are in thousandths; -1 is not named.
type qualities struct{ zstd, gzip, identity, rest int }

// negotiate chooses by RFC 9110, section 12.5.3: the coding that the client
// likes best, and zstd before gzip where it likes both alike.
func negotiate(lines []string) encoding {
	q := qualities{-1, -1, -1, -1}
	for _, line := range lines {
		for more := true; more; {
			var element string
			element, line, more = strings.Cut(line, ",")
			q.read(element)
		}
	}
	coding, best := zstandard, named(q.zstd, q.rest, 0)
	if g := named(q.gzip, q.rest, 0); g > best {
		coding, best = gzipped, g
	}
	// No coding at all is taken unless it is refused; where it is not named, any
	// that is comes before it.
	plain := named(q.identity, q.rest, 1)
	switch {
	case plain == 0 && best == 0:
		return unacceptable
	case plain == 0:
		return coding + gzippedForced - gzipped
	case best == 0, q.identity > best:
		return identity
	}
	return coding
}

func named(own, rest, otherwise int) int {
	switch {
	case own >= 0:
		return own
	case rest >= 0:
		return rest
	}
	return otherwise
}

// read reads one element such as "gzip;q=0.5". What it cannot read it skips.
func (q *qualities) read(element string) {
	coding, parameters, weighted := strings.Cut(element, ";")
	quality := 1000
	if weighted {
		var ok bool
		if quality, ok = weight(parameters); !ok {
			return
		}
	}
	switch coding = strings.Trim(coding, " \t"); {
	case strings.EqualFold(coding, "zstd"):
		q.zstd = quality
	case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
		q.gzip = quality
	case strings.EqualFold(coding, "identity"):
		q.identity = quality
	case coding == "*":
		q.rest = quality
	}
}

// weight reads "q=" and a number from 0 to 1 with at most three digits.
func weight(text string) (thousandths int, ok bool) {
	text = strings.Trim(text, " \t")
	if len(text) < 3 || len(text) > 7 || text[0]|0x20 != 'q' || text[1] != '=' || text[2] != '0' && text[2] != '1' {
		return 0, false
	}
	digits := text[3:]
	if digits != "" && digits[0] != '.' {
		return 0, false
	}
	thousandths = int(text[2]-'0') * 1000
	for i, unit := 1, 100; i < len(digits); i, unit = i+1, unit/10 {
		if digits[i] < '0' || digits[i] > '9' {
			return 0, false
		}
		thousandths += int(digits[i]-'0') * unit
	}
	return thousandths, thousandths <= 1000
}

// coder compresses bodies.
type coder struct {
	zstd *zstd.Encoder
	gzip sync.Pool
}

func newCoder() (*coder, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithLowerEncoderMem(true))
	if err != nil {
		return nil, err
	}
	return &coder{zstd: encoder, gzip: sync.Pool{New: func() any { return gzip.NewWriter(nil) }}}, nil
}

// encode returns the body in the coding, or as it is, with no coding, where that
// is better.
func (c *coder) encode(body []byte, mediaType string, wanted encoding) ([]byte, encoding) {
	if wanted == identity || len(body) == 0 || !wanted.forced() && (len(body) < minCompressed || isCompressed(mediaType)) {
		return body, identity
	}
	var packed []byte
	if wanted.name() == "zstd" {
		packed = c.zstd.EncodeAll(body, make([]byte, 0, len(body)/2))
	} else {
		packed = c.gzipAll(body)
	}
	if !wanted.forced() && len(packed) >= len(body) {
		return body, identity
	}
	return packed, wanted
}

func (c *coder) gzipAll(body []byte) []byte {
	w := c.gzip.Get().(*gzip.Writer)
	defer c.gzip.Put(w)
	out := bytes.NewBuffer(make([]byte, 0, len(body)/2))
	w.Reset(out)
	// A buffer takes everything.
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// isCompressed says whether a media type's bodies are compressed already.
func isCompressed(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.ToLower(strings.Trim(mediaType, " \t"))
	family, name, _ := strings.Cut(mediaType, "/")
	switch family {
	case "image":
		return name != "svg+xml"
	case "video", "audio":
		return true
	}
	switch mediaType {
	case "application/zip", "application/gzip", "application/zstd", "application/x-7z-compressed", "application/x-xz",
		"application/pdf", "font/woff", "font/woff2":
		return true
	}
	return strings.HasSuffix(name, "+zip") || strings.HasSuffix(name, "+gzip")
}

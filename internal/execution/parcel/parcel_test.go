package parcel

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func request() execution.Request {
	return execution.Request{
		Key: "uid/1/solve/1", Language: "cpp", Source: "int main() {}", StopAtFirst: true, Checker: problem.Checker{Rules: problem.CompareRules{PresentationErrors: true}},
		Limits: problem.Limits{Time: time.Second, MemoryBytes: 64 << 20},
		Tests: []execution.Test{
			{Name: "sample 1", Input: execution.Text("1 2\n"), Answer: execution.Text("3\n")},
			{Name: "nothing", Input: execution.Text(""), Answer: execution.Text("")},
		},
	}
}

// laid puts a parcel's chunks where a pod has them.
func laid(t testing.TB, p *Parcel) string {
	t.Helper()
	dir := t.TempDir()
	for i, chunk := range p.Chunks {
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), chunk, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func packed(t testing.TB, req execution.Request) *Parcel {
	t.Helper()
	p, err := Pack(req)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(t testing.TB, content execution.Content) string {
	t.Helper()
	reader, err := content.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	raw, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestARequestArrivesAsItWasPacked(t *testing.T) {
	noise := make([]byte, 2*MaxChunk)
	_, _ = rand.Read(noise)
	big := request()
	big.Tests = append(big.Tests, execution.Test{Name: "big", Input: execution.Text(noise), Answer: execution.Text("x")})
	for name, req := range map[string]execution.Request{"in one chunk": request(), "in several chunks": big} {
		t.Run(name, func(t *testing.T) {
			p := packed(t, req)
			unpacked, err := Unpack(laid(t, p), p.Digest, t.TempDir())
			if err != nil || unpacked.Batch != nil {
				t.Fatal(unpacked, err)
			}
			got := unpacked.Request
			for i := range req.Tests {
				if text(t, got.Tests[i].Input) != text(t, req.Tests[i].Input) || text(t, got.Tests[i].Answer) != text(t, req.Tests[i].Answer) {
					t.Errorf("test %d is another", i)
				}
				got.Tests[i].Input, got.Tests[i].Answer = req.Tests[i].Input, req.Tests[i].Answer
			}
			if !reflect.DeepEqual(*got, req) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func batch() execution.Batch {
	return execution.Batch{
		Key: "uid/1/suite/1", MaxTimeouts: 1, MaxFailures: 2,
		Programs: []problem.Program{
			{Name: "checker", Language: "cpp", Source: "int main() {}", Files: map[string]string{"testlib.h": "// none"}},
			{Name: "solution", Language: "python", Source: "print(1)"},
		},
		Checker: problem.Checker{Program: "checker", Protocol: problem.ProtocolICPC, Args: []string{"strict"}},
		Steps: []execution.Step{
			{Name: "make", Program: "solution", Args: []string{"1", "two words"}, Input: execution.Text("1 2\n"), Keep: 10, Digest: strings.Repeat("0a", 32)},
			{Name: "check", Input: execution.Text("1 2\n"), Output: execution.Made("make"), Answer: execution.Text("3\n"), Limits: problem.Limits{Time: time.Second}},
			{Name: "plain", Program: "solution"},
		},
	}
}

func packedBatch(t testing.TB, b execution.Batch) *Parcel {
	t.Helper()
	p, err := PackBatch(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// inMemory replaces a content on disk by its text.
func inMemory(t testing.TB, contents ...*execution.Content) {
	t.Helper()
	for _, c := range contents {
		if file, ok := (*c).(file); ok {
			*c = execution.Text(text(t, file))
		}
	}
}

func TestABatchArrivesAsItWasPacked(t *testing.T) {
	p := packedBatch(t, batch())
	got, err := Unpack(laid(t, p), p.Digest, t.TempDir())
	if err != nil || got.Request != nil || got.Bytes != int64(len("1 2\n3\n")) {
		t.Fatalf("got %+v, %v", got, err)
	}
	for i := range got.Batch.Steps {
		s := &got.Batch.Steps[i]
		inMemory(t, &s.Input, &s.Output, &s.Answer)
	}
	if !reflect.DeepEqual(*got.Batch, batch()) {
		t.Errorf("got %+v", got.Batch)
	}
	if packedBatch(t, batch()).Digest != p.Digest {
		t.Error("equal batches have different parcels")
	}
}

func TestARequestsRecipesArriveAsTheyWerePacked(t *testing.T) {
	req := request()
	req.Tools, req.Make, req.Checker = batch().Programs, batch().Steps[:1], batch().Checker
	req.Tests[1] = execution.Test{Name: "made", Input: execution.Made("make"), Answer: execution.Text("3\n")}
	p := packed(t, req)
	got, err := Unpack(laid(t, p), p.Digest, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	inMemory(t, &got.Request.Make[0].Input)
	for i := range got.Request.Tests {
		inMemory(t, &got.Request.Tests[i].Input, &got.Request.Tests[i].Answer)
	}
	if !reflect.DeepEqual(*got.Request, req) {
		t.Errorf("got %+v", got.Request)
	}
}

// Hundreds of programs run on the same tests.
func TestAContentIsPackedOnce(t *testing.T) {
	noise := make([]byte, 100<<10)
	_, _ = rand.Read(noise)
	b := batch()
	b.Steps = nil
	for i := range 1000 {
		b.Steps = append(b.Steps, execution.Step{Name: strconv.Itoa(i), Program: "solution", Input: execution.Text(noise), Answer: execution.Text("x")})
	}
	p := packedBatch(t, b)
	if len(p.Chunks) != 1 || len(p.Chunks[0]) > 200<<10 {
		t.Errorf("%d chunks, the first has %d bytes", len(p.Chunks), len(p.Chunks[0]))
	}
	if got, err := Unpack(laid(t, p), p.Digest, t.TempDir()); err != nil || got.Bytes != 100<<10+1 || len(got.Batch.Steps) != 1000 {
		t.Errorf("got %+v, %v", got, err)
	}
	// What cannot be compared is packed as often as it comes.
	b.Steps = b.Steps[:2]
	b.Steps[0].Input, b.Steps[1].Input = pieces{"1", "2"}, pieces{"1", "2"}
	p = packedBatch(t, b)
	if got, err := Unpack(laid(t, p), p.Digest, t.TempDir()); err != nil || got.Bytes != 5 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// pieces is a Content that is no key of a map.
type pieces []string

func (p pieces) Open() (io.ReadCloser, error) { return execution.Text(strings.Join(p, "")).Open() }

func TestEqualRequestsGiveEqualParcels(t *testing.T) {
	first, second := packed(t, request()), packed(t, request())
	if !reflect.DeepEqual(first, second) {
		t.Error("two parcels differ")
	}
	other := request()
	other.Tests[0].Answer = execution.Text("4\n")
	if packed(t, other).Digest == first.Digest {
		t.Error("another answer has the same digest")
	}
}

// zeros is a Content that is nowhere.
type zeros int64

func (z zeros) Open() (io.ReadCloser, error) {
	return io.NopCloser(io.LimitReader(endless{}, int64(z))), nil
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

type broken struct{}

var errBroken = errors.New("the store is away")

func (broken) Open() (io.ReadCloser, error) { return nil, errBroken }

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	noise := make([]byte, MaxChunk*MaxChunks)
	_, _ = rand.Read(noise)
	with := func(tests ...execution.Test) execution.Request {
		req := request()
		req.Tests = tests
		return req
	}
	one := func(input execution.Content) execution.Test {
		return execution.Test{Name: "x", Input: input, Answer: execution.Text("")}
	}
	long := with(one(execution.Text("")))
	long.Source = strings.Repeat("x", maxManifest)
	for name, req := range map[string]execution.Request{
		"what cannot be compressed": with(one(execution.Text(noise))),
		"one that is too large":     with(one(zeros(maxContent + 1))),
		"too many tests":            with(make([]execution.Test, execution.MaxTests+1)...),
		"a program without end":     long,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Pack(req)
			var refused *execution.Error
			if !errors.As(err, &refused) || refused.Class != execution.ClassStalled || refused.Reason != execution.ReasonTestsTooLarge {
				t.Errorf("got %v", err)
			}
		})
	}
	for name, change := range map[string]func(*execution.Batch){
		"too many steps":    func(b *execution.Batch) { b.Steps = make([]execution.Step, execution.MaxSteps+1) },
		"too many programs": func(b *execution.Batch) { b.Programs = make([]problem.Program, execution.MaxPrograms+1) },
	} {
		b := batch()
		change(&b)
		_, err := PackBatch(b)
		if refused, ok := errors.AsType[*execution.Error](err); !ok || refused.Reason != execution.ReasonTestsTooLarge {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Pack(with(one(broken{}))); !errors.Is(err, errBroken) {
		t.Errorf("got %v for a content that cannot be read", err)
	}
	if _, err := Pack(with(execution.Test{Name: strings.Repeat("x", execution.MaxName+1)})); err == nil {
		t.Error("a name was packed that no report may hold")
	}
}

func TestNothingIsUnpackedUnderAnotherDigest(t *testing.T) {
	p := packed(t, request())
	flipped := &Parcel{Digest: p.Digest, Chunks: [][]byte{bytes.Clone(p.Chunks[0])}}
	flipped.Chunks[0][len(flipped.Chunks[0])/2] ^= 1
	more := &Parcel{Digest: p.Digest, Chunks: [][]byte{p.Chunks[0], []byte("x")}}
	for name, tt := range map[string]struct {
		parcel *Parcel
		digest string
	}{
		"a flipped bit": {flipped, p.Digest}, "one chunk more": {more, p.Digest}, "no chunk": {&Parcel{}, p.Digest},
		"another digest": {p, strings.Repeat("0", 64)}, "no digest": {p, ""},
	} {
		t.Run(name, func(t *testing.T) {
			scratch := t.TempDir()
			if req, err := Unpack(laid(t, tt.parcel), tt.digest, scratch); err == nil {
				t.Errorf("got %+v", req)
			}
			if left, _ := os.ReadDir(scratch); len(left) > 0 {
				t.Errorf("%v were unpacked", left)
			}
		})
	}
}

// sealed is what somebody packed who knows how to make digests.
func sealed(t testing.TB, raw []byte) (dir, digest string) {
	t.Helper()
	c := &chunks{}
	if _, err := c.Write(raw); err != nil {
		t.Skip("it does not fit")
	}
	p := c.parcel()
	return laid(t, p), p.Digest
}

// archive packs members as they are given.
func archive(t testing.TB, headers ...*tar.Header) []byte {
	t.Helper()
	var raw bytes.Buffer
	compressed := gzip.NewWriter(&raw)
	out := tar.NewWriter(compressed)
	for _, h := range headers {
		content := h.Linkname
		if h.Typeflag == tar.TypeReg {
			h.Linkname, h.Size = "", int64(len(content))
		}
		if err := out.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			_, _ = io.WriteString(out, content)
		}
	}
	if err := errors.Join(out.Close(), compressed.Close()); err != nil {
		t.Fatal(err)
	}
	return raw.Bytes()
}

func TestAnArchiveChoosesNoNames(t *testing.T) {
	manifest := &tar.Header{Name: manifestName, Typeflag: tar.TypeReg, Linkname: `{"kind":"request","contents":2}`}
	for name, second := range map[string]*tar.Header{
		"a path":          {Name: "../escaped", Typeflag: tar.TypeReg, Linkname: "x"},
		"a symbolic link": {Name: contentName(0), Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		"a folder":        {Name: contentName(0), Typeflag: tar.TypeDir},
		"a device":        {Name: contentName(0), Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 5},
		"another content": {Name: contentName(1), Typeflag: tar.TypeReg, Linkname: "x"},
	} {
		t.Run(name, func(t *testing.T) {
			m := *manifest
			dir, digest := sealed(t, archive(t, &m, second))
			scratch := filepath.Join(t.TempDir(), "scratch")
			if err := os.Mkdir(scratch, 0o700); err != nil {
				t.Fatal(err)
			}
			if req, err := Unpack(dir, digest, scratch); err == nil {
				t.Errorf("got %+v", req)
			}
			if left, _ := os.ReadDir(filepath.Dir(scratch)); len(left) != 1 {
				t.Errorf("left beside: %v", left)
			}
		})
	}
}

func TestAManifestThatMakesNoSenseIsNotUnpacked(t *testing.T) {
	for name, manifest := range map[string]string{
		"no kind":                   `{"contents":0}`,
		"another kind":              `{"kind":"war"}`,
		"a content that is not":     `{"kind":"request","tests":[{"name":"x","input":{"content":1},"answer":{"made":"y"}}]}`,
		"a content before all":      `{"kind":"batch","steps":[{"name":"x","output":{"content":-1}}]}`,
		"more contents than can be": `{"kind":"batch","contents":1000000}`,
		"contents that are missing": `{"kind":"batch","contents":1}`,
		"no JSON":                   `{`,
	} {
		dir, digest := sealed(t, archive(t, &tar.Header{Name: manifestName, Typeflag: tar.TypeReg, Linkname: manifest}))
		if got, err := Unpack(dir, digest, t.TempDir()); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

// FuzzUnpack lets the parcel be anything whose digest is right.
func FuzzUnpack(f *testing.F) {
	f.Add(packed(f, request()).Chunks[0])
	f.Add(packedBatch(f, batch()).Chunks[0])
	f.Add(archive(f, &tar.Header{Name: manifestName, Typeflag: tar.TypeReg, Linkname: `{"kind":"request","contents":2}`}))
	f.Add(archive(f, &tar.Header{Name: manifestName, Typeflag: tar.TypeReg, Linkname: `{"kind":"batch","steps":[{"name":"x","input":{"content":7}}]}`}))
	f.Add([]byte("\x1f\x8b"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		dir, digest := sealed(t, raw)
		scratch := t.TempDir()
		got, err := Unpack(dir, digest, scratch)
		if (got == nil) == (err == nil) {
			t.Fatalf("got %v and %v", got, err)
		}
		if err == nil && (got.Request == nil) == (got.Batch == nil) {
			t.Fatalf("got %+v", got)
		}
		left, err := os.ReadDir(scratch)
		if err != nil || len(left) > maxContents {
			t.Fatalf("%d files, %v", len(left), err)
		}
	})
}

package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// member is one entry of a ZIP file made for a test.
type member struct {
	name, text string
	mode       fs.FileMode
	change     func(*zip.FileHeader)
}

func pack(t testing.TB, members ...member) []byte {
	t.Helper()
	var packed bytes.Buffer
	w := zip.NewWriter(&packed)
	for _, m := range members {
		header := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		header.SetMode(m.mode | 0o644)
		if m.change != nil {
			m.change(header)
		}
		to, err := w.CreateHeader(header)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, m.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

func read(raw []byte) (*Tree, error) {
	return ReadZIP(bytes.NewReader(raw), int64(len(raw)), func() error { return nil })
}

func text(name string) member { return member{name: name, text: "x\n"} }

func TestZIPFilesThatAreRefused(t *testing.T) {
	tests := []struct {
		name    string
		members []member
		// want is part of the reason; of names the member.
		want, of string
	}{
		{"a path out of the package", []member{text("../../etc/passwd")}, "leads out", "../../etc/passwd"},
		{"a path out in its middle", []member{text("data/../../x")}, "leads out", "data/../../x"},
		{"an absolute path", []member{text("/etc/passwd")}, "absolute", "/etc/passwd"},
		{"a drive letter", []member{text("C:/x")}, "absolute", "C:/x"},
		{"a backslash", []member{text(`data\..\x`)}, "backslash", `data\..\x`},
		{"a NUL", []member{text("a\x00.in")}, "printed", "a\x00.in"},
		{"a newline in a name", []member{text("a\nb")}, "printed", "a\nb"},
		{"a name that turns the reading direction", []member{text("a\u202egpj.exe")}, "printed", "a\u202egpj.exe"},
		{"a name in another encoding", []member{text("\xe9\x82.in")}, "UTF-8", "\xe9\x82.in"},
		{"an empty part", []member{text("data//1.in")}, "empty part", "data//1.in"},
		{"a dot as a part", []member{text("./1.in")}, "empty part", "./1.in"},
		{"two of one name", []member{text("a"), text("a")}, "two of that name", "a"},
		{"names that differ by case", []member{text("data/a"), text("data/A")}, "only by case", "data/A"},
		{"folders that differ by case", []member{text("data/a"), text("Data/b")}, "only by case", "Data/b"},
		{"a file that is a folder too", []member{text("a"), text("a/b")}, "both a file and a folder", "a/b"},
		{"a folder that is a file too", []member{text("a/b"), text("a")}, "both a file and a folder", "a"},
		{"a folder too deep", []member{text(strings.Repeat("d/", MaxDepth+1) + "x")}, "folders deep", ""},
		{"a name too long", []member{text(strings.Repeat("n", maxPart+1))}, "longer than 255", ""},
		{"a path too long", []member{text(strings.Repeat(strings.Repeat("n", 200)+"/", 6) + "x")}, "longer than 1024", ""},
		{"a symbolic link", []member{{name: "a", text: "/etc/passwd", mode: fs.ModeSymlink}}, "symbolic link", "a"},
		{"a device", []member{{name: "a", mode: fs.ModeDevice}}, "neither a file nor a folder", "a"},
		{"a pipe", []member{{name: "a", mode: fs.ModeNamedPipe}}, "neither a file nor a folder", "a"},
		{"a folder by mode and a file by name", []member{{name: "a", mode: fs.ModeDir}}, "disagree", "a"},
		{"an encrypted file", []member{{name: "a", text: "x", change: func(h *zip.FileHeader) { h.Flags |= 1 }}}, "encrypted", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := read(pack(t, tt.members...))
			refused(t, err, tt.want, tt.of)
		})
	}
}

// refused checks that an error is an *Error with this reason and member.
func refused(t *testing.T, err error, want, of string) {
	t.Helper()
	var known *Error
	if !errors.As(err, &known) || !strings.Contains(known.Reason, want) {
		t.Fatalf("got %v, want it refused because it %q", err, want)
	}
	if of != "" && known.Member != of {
		t.Errorf("the error names %q, want %q", known.Member, of)
	}
	for _, r := range err.Error() {
		if r < ' ' || r == '\u202e' {
			t.Errorf("the error %q has a character that a terminal obeys", err)
		}
	}
}

// claim changes the sizes that a packed member's central header states.
func claim(raw []byte, packed, unpacked uint32) []byte {
	at := bytes.Index(raw, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(raw[at+20:], packed)
	binary.LittleEndian.PutUint32(raw[at+24:], unpacked)
	return raw
}

func TestAMemberOfAGigabyteIsRefusedByItsHeader(t *testing.T) {
	_, err := read(claim(pack(t, text("big.in")), 4, 1<<30))
	refused(t, err, "more than the 256 MiB", "big.in")
}

func TestAMemberLongerThanItSaysFailsWhileItIsRead(t *testing.T) {
	raw := pack(t, member{name: "bomb", text: strings.Repeat("0", 1<<20)})
	size := binary.LittleEndian.Uint32(raw[bytes.Index(raw, []byte("PK\x01\x02"))+20:])
	tree, err := read(claim(raw, size, 10))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tree.Text("bomb", 1<<20); err == nil {
		t.Fatalf("read %d bytes of a file that says it has 10", len(got))
	}
}

func TestATextOfAnotherChecksumFailsWhileItIsRead(t *testing.T) {
	raw := pack(t, member{name: "a", text: "x", change: func(h *zip.FileHeader) { h.Method = zip.Store }})
	at := bytes.Index(raw, []byte("ax"))
	raw[at+1] = 'y'
	tree, err := read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tree.Text("a", 10); !errors.Is(err, zip.ErrChecksum) {
		t.Errorf("got %v, want the checksum to be wrong", err)
	}
}

func TestMembersThatShareBytesAreRefused(t *testing.T) {
	raw := pack(t, text("a"), text("b"))
	first := bytes.Index(raw, []byte("PK\x01\x02"))
	second := first + 4 + bytes.Index(raw[first+4:], []byte("PK\x01\x02"))
	copy(raw[second+42:second+46], raw[first+42:first+46])
	_, err := read(raw)
	refused(t, err, "shares bytes", "")
}

func TestAMemberWhoseLocalHeaderIsNowhereIsRefused(t *testing.T) {
	raw := pack(t, text("a"))
	at := bytes.Index(raw, []byte("PK\x01\x02"))
	binary.LittleEndian.PutUint32(raw[at+42:], 7)
	_, err := read(raw)
	refused(t, err, "cannot be found", "a")
}

func TestABombIsRefusedByItsRatio(t *testing.T) {
	_, err := read(claim(pack(t, text("zeros.in")), 4, 65<<20))
	refused(t, err, "taken for a bomb", "")
}

func TestTooMuchInAllIsRefused(t *testing.T) {
	seen := &names{}
	for range MaxTotal / MaxMember {
		if err := seen.file(strings.Repeat("x", seen.files+1), MaxMember); err != nil {
			t.Fatal(err)
		}
	}
	refused(t, seen.file("last", 1), "more than 2048 MiB", "last")
}

func TestTooManyFilesAreRefused(t *testing.T) {
	seen := &names{files: MaxMembers}
	refused(t, seen.file("last", 1), "more than 20000 files", "")
}

func TestAnEndlessListOfFilesIsNotRead(t *testing.T) {
	entry := make([]byte, 46+60_000)
	copy(entry, "PK\x01\x02")
	binary.LittleEndian.PutUint16(entry[28:], 60_000)
	for i := 46; i < len(entry); i++ {
		entry[i] = 'n'
	}
	raw := bytes.Repeat(entry, 2+maxDirectory/len(entry))
	end := make([]byte, 22)
	copy(end, "PK\x05\x06")
	binary.LittleEndian.PutUint16(end[10:], uint16(2+maxDirectory/len(entry)))
	binary.LittleEndian.PutUint32(end[12:], uint32(len(raw)))
	_, err := read(append(raw, end...))
	refused(t, err, "list of files is longer", "")
}

func TestWhatIsNoZIPFileIsSaidToBeNone(t *testing.T) {
	if _, err := read([]byte("no archive")); err == nil || !strings.Contains(err.Error(), "no ZIP file") {
		t.Errorf("got %v", err)
	}
}

func TestReadingATree(t *testing.T) {
	tree, err := read(pack(t, member{name: "p/", mode: fs.ModeDir}, text("p/data/b"), member{name: "p/data/a", text: "\ufeffx\r\n"}, text("p/data-x"), text("q")))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, file := range tree.Within("p").Under("data") {
		got = append(got, file.Name)
	}
	if strings.Join(got, " ") != "data/a data/b" {
		t.Errorf("got %v", got)
	}
	if text, err := tree.Text("p/data/a", 100); err != nil || text != "\ufeffx\r\n" {
		t.Errorf("got %q, %v: a text stays as it is", text, err)
	}
	if _, err := tree.Text("p/data/a", 3); err == nil || !strings.Contains(err.Error(), "more than the 3") {
		t.Errorf("got %v", err)
	}
	if _, err := tree.Text("p/none", 3); !errors.Is(err, ErrMissing) {
		t.Errorf("got %v", err)
	}
}

func TestReadingAFolder(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "sum.pkg")
	write := func(name, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Join(folder, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("problem.yaml", "name: x\n")
	write(".timelimit", "1\n")
	write(".git/config", "x")
	write("data/sample/1.in", "1\n")
	tree, err := Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tree.Close() }()
	if tree.Name != "sum" || len(tree.Files()) != 3 {
		t.Fatalf("got %s with %v", tree.Name, tree.Files())
	}
	if got, err := tree.Text("data/sample/1.in", 10); err != nil || got != "1\n" {
		t.Errorf("got %q, %v", got, err)
	}
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("s"), 0o600); err != nil {
		t.Fatal(err)
	}
	swapped := filepath.Join(folder, "data/sample/1.in")
	if err := errors.Join(os.Remove(swapped), os.Symlink(outside, swapped)); err != nil {
		t.Fatal(err)
	}
	if got, err := tree.Text("data/sample/1.in", 10); err == nil {
		t.Errorf("read %q through a link that was put there later", got)
	}
}

func TestFoldersThatAreRefused(t *testing.T) {
	tests := []struct {
		name, want string
		make       func(path string) error
	}{
		{"a symbolic link inside", "symbolic link", func(path string) error { return os.Symlink("problem.yaml", path) }},
		{"a symbolic link out", "symbolic link", func(path string) error { return os.Symlink("/etc/passwd", path) }},
		{"a symbolic link to a folder", "symbolic link", func(path string) error { return os.Symlink("/etc", path) }},
		{"a pipe", "neither a file nor a folder", func(path string) error { return syscall.Mkfifo(path, 0o600) }},
		{"a file too large", "more than the 256 MiB", func(path string) error {
			return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, MaxMember+1))
		}},
		{"a name that is not UTF-8", "UTF-8", func(path string) error { return os.WriteFile(path+"\xff", nil, 0o600) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			folder := t.TempDir()
			if err := tt.make(filepath.Join(folder, "x")); err != nil {
				t.Fatal(err)
			}
			_, err := Open(folder)
			refused(t, err, tt.want, "")
		})
	}
}

func TestWritingTheSameFilesGivesTheSameBytes(t *testing.T) {
	var packed [2]bytes.Buffer
	for i, order := range [][]string{{"b", "a/c", "a/b"}, {"a/b", "b", "a/c"}} {
		b := &Builder{}
		for _, name := range order {
			if err := b.Add(name, Text("of "+name)); err != nil {
				t.Fatal(err)
			}
		}
		if err := b.Write(&packed[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(packed[0].Bytes(), packed[1].Bytes()) {
		t.Error("the bytes differ")
	}
	tree, err := read(packed[0].Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := tree.Text("a/c", 10); err != nil || got != "of a/c" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWritingRefusesWhatWouldNotBeRead(t *testing.T) {
	b := &Builder{}
	refused(t, b.Add("../x", Text("")), "leads out", "../x")
	if err := b.Add("a", Text("")); err != nil {
		t.Fatal(err)
	}
	refused(t, b.Add("A", Text("")), "only by case", "A")
}

type broken struct{}

func (broken) Open() (io.ReadCloser, error) { return nil, errors.New("broken") }

func TestAFailedWriteLeavesWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	place := filepath.Join(folder, "x.zip")
	if err := os.WriteFile(place, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := &Builder{}
	if err := b.Add("a", broken{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Save(place); err == nil {
		t.Fatal("a content that cannot be read was packed")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Fatalf("left %v, %v", entries, err)
	}
	if raw, err := os.ReadFile(place); err != nil || string(raw) != "before" {
		t.Errorf("got %q, %v", raw, err)
	}
}

// FuzzReadZIP proves that no ZIP file makes reading panic, gives a name that
// is not a plain path, or unpacks to more than it says.
func FuzzReadZIP(f *testing.F) {
	f.Add(pack(f, text("problem.yaml"), text("data/secret/1.in")))
	f.Add(pack(f, member{name: "p/", mode: fs.ModeDir}, text("p/a")))
	f.Add(pack(f, text("../x")))
	f.Add(claim(pack(f, text("a")), 4, 1<<31))
	f.Fuzz(func(t *testing.T, raw []byte) {
		tree, err := read(raw)
		if err != nil {
			return
		}
		for _, file := range tree.Files() {
			if !fs.ValidPath(file.Name) {
				t.Errorf("%q is no plain path", file.Name)
			}
			if got, err := file.Text(1 << 20); err == nil && int64(len(got)) != file.Size {
				t.Errorf("%q says it has %d bytes and has %d", file.Name, file.Size, len(got))
			}
		}
	})
}

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAWrongCommandLineIsExplained(t *testing.T) {
	for line, says := range map[string]string{
		"--trusted-proxies 10.0.0.1":        "10.0.0.0/8",
		"--client-rate fast":                "client-rate",
		"--no-such-flag":                    "no-such-flag",
		"serve":                             "serve",
		"--drain-delay 5":                   "drain-delay",
		"--trusted-proxies 10.0.0.0/8,a/33": "a/33",
	} {
		var out bytes.Buffer
		if _, err := parse(strings.Fields(line), &out); err == nil || !strings.Contains(out.String(), says) {
			t.Errorf("%s: %v, %s", line, err, out.String())
		}
	}
}

func TestListsOnTheCommandLineAreSplit(t *testing.T) {
	o, err := parse([]string{"--trusted-proxies", "10.0.0.0/8, fd00::/8", "--allowed-origins", "https://a.example,,https://b.example"}, os.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	if len(o.facade.TrustedProxies) != 2 || o.facade.TrustedProxies[1].String() != "fd00::/8" {
		t.Errorf("the proxies are %v", o.facade.TrustedProxies)
	}
	if diff := cmp.Diff([]string{"https://a.example", "https://b.example"}, o.facade.AllowedOrigins); diff != "" {
		t.Error(diff)
	}
}

func TestAKeyForCursorsMustBeThereAndLong(t *testing.T) {
	folder := t.TempDir()
	for name, content := range map[string]string{"short": "secret\n", "long": "0123456789abcdef\n"} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{"": "", "long": "0123456789abcdef"} {
		o := &options{}
		if name != "" {
			o.cursorKeyFile = filepath.Join(folder, name)
		}
		if got, err := o.cursorSecret(); err != nil || string(got) != want {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
	for _, name := range []string{"short", "none"} {
		o := &options{cursorKeyFile: filepath.Join(folder, name)}
		if _, err := o.cursorSecret(); err == nil || !strings.Contains(err.Error(), "--cursor-key-file") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestAnAddressThatIsTakenIsNamed(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	if _, err := listen(listener.Addr().String()); err == nil || !strings.Contains(err.Error(), listener.Addr().String()) {
		t.Errorf("got %v", err)
	}
}

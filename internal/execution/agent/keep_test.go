package agent

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/algoitny/algoitny-operator/internal/execution/protocol"
)

// laidOut makes a working folder that has everything a compiler leaves.
func laidOut(t testing.TB) {
	t.Helper()
	err := errors.Join(
		os.WriteFile("main", []byte("the program"), 0o700), os.WriteFile("read-only", []byte("text"), 0o400),
		os.MkdirAll("__pycache__/deeper", 0o755), os.WriteFile("__pycache__/main.pyc", []byte("code"), 0o600), os.Symlink("main", "link"),
	)
	if err != nil {
		t.Fatal(err)
	}
}

// listing is everything that is to be seen of the working folder.
func listing(t testing.TB) string {
	t.Helper()
	var lines []string
	err := walk(maxEntries, func(path string, e entry) error {
		if err := e.read(path); err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%s %s %q %q", path, e.mode, e.content, e.linkTarget))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// folders are one of each kind. In memory, as in a pod, a write through shared
// memory changes no time of a file.
func folders(t testing.TB) map[string]string {
	t.Helper()
	memory, err := os.MkdirTemp("/dev/shm", "keep-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(memory) })
	return map[string]string{"on disk": t.TempDir(), "in memory": memory}
}

const throughMemory = `import mmap
with open('main', 'r+b') as f:
    m = mmap.mmap(f.fileno(), 0)
    first = m[0]
    m[0] = first ^ 1
`

func TestEveryRunFindsTheFolderOfTheFirst(t *testing.T) {
	for where, folder := range folders(t) {
		t.Run(where, func(t *testing.T) {
			client := agentIn(t, folder)
			laidOut(t)
			before := listing(t)
			for name, script := range map[string]protocol.Exec{
				"nothing":                    shell("cat main", room),
				"another program":            shell("echo x > new && chmod 700 new && mv new main", room),
				"the same number of letters": shell("printf 'THE PROGRAM' > main", room),
				"a program made of the old":  shell("rm main; printf 'the program' > main; chmod 700 main", room),
				"a write to shared memory":   python(throughMemory, room),
				"times put back":             shell("touch -r main stamp; printf 'THE PROGRAM' > main; touch -r stamp main; rm stamp", room),
				"more files":                 shell("mkdir -p a/b/c; echo note > a/b/c/d; ln main hard; mkfifo pipe; ln -s / root", room),
				"fewer files":                shell("rm -rf *", room),
				"other modes":                shell("chmod 000 main __pycache__; chmod 777 read-only", room),
				"folders that are shut":      shell("mkdir -p a/b; touch a/b/c; chmod 000 a/b a; chmod 000 .", room),
				"a link where a file was":    shell("rm main; ln -s /etc/passwd main", room),
				"a folder where a file was":  shell("rm main; mkdir main; touch main/x", room),
				"a file where a folder was":  shell("rm -r __pycache__; touch __pycache__", room),
				"a flood of files":           python("for i in range(20000): open(f'{i}', 'w').close()", room),
				"a tower of folders":         python("import os\nfor i in range(3000):\n    os.mkdir('d'); os.chdir('d')\n", room),
			} {
				script.Restore = true
				result, _ := runOn(t, client, script, "")
				if result.ExitCode != 0 || result.Cause != "" {
					t.Errorf("%s: got %+v", name, result)
				}
				if after := listing(t); after != before {
					t.Errorf("%s: found\n%s\nwant\n%s", name, after, before)
				}
			}
		})
	}
}

func TestARunWithoutRestoringMayChangeTheFolder(t *testing.T) {
	client := agentAt(t)
	if result, _ := runOn(t, client, shell("echo x > made", room), ""); result.ExitCode != 0 {
		t.Fatalf("got %+v", result)
	}
	if _, err := os.Stat("made"); err != nil {
		t.Error(err)
	}
}

func TestAProgramThatIsTooLargeIsNotRun(t *testing.T) {
	for name, make := range map[string]func() error{
		"in bytes": func() error { return os.Truncate(file(t, "main"), protocol.MaxProgram+1) },
		"in files": func() error {
			for i := range maxEntries + 1 {
				file(t, fmt.Sprint(i))
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := agentAt(t)
			if err := make(); err != nil {
				t.Fatal(err)
			}
			exec := shell("echo ran", room)
			exec.Restore = true
			if result, output := runOn(t, client, exec, "input"); result.Cause != protocol.CauseFiles || output != "" {
				t.Errorf("got %+v and %q", result, output)
			}
		})
	}
}

func file(t testing.TB, name string) string {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestAFolderIsEmptiedOfEverything(t *testing.T) {
	path := t.TempDir()
	s, err := openFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	script := "mkdir -p a/b .hidden; touch a/b/c; chmod 000 a/b a; chmod 000 .; touch -d @77 ."
	if out, err := (&exec.Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Dir: path}).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	noted := unix.Setxattr(path, "user.note", []byte("x"), 0) == nil
	if err := s.empty(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(path)
	if err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode() != s.mode || info.ModTime().Unix() != 1 {
		t.Errorf("mode %s, time %d, %v", info.Mode(), info.ModTime().Unix(), err)
	}
	if n, err := unix.Getxattr(path, "user.note", make([]byte, 8)); noted && err == nil {
		t.Errorf("a note of %d bytes is left", n)
	}
}

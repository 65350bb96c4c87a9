package local

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

// place is what an agent may see and write.
type place struct {
	folder   string
	writable bool
	// compiles: compilers take more room beside the folder.
	compiles bool
	// cache is a writable folder, named to the compiler by cacheEnv; empty
	// when there is none.
	cache, cacheEnv string
}

// sandbox is how bubblewrap is called; the path is empty without it.
type sandbox struct {
	path string
	// sizes: it can bound what a folder in memory holds.
	sizes bool
}

// The folders inside the sandbox.
const (
	insideWork  = "/work"
	insideCache = "/cache"
	insideAgent = "/agent"
)

// systemFolders hold programs and libraries. Nothing else of the machine is
// seen, no home folder above all.
var systemFolders = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/opt", "/nix"}

// settings are where Debian keeps what a Java machine does not start without.
const settings = "/etc/java-*-openjdk"

// scratchBytes bound the folders for passing files, which are memory.
const (
	programScratch = "67108864"
	compileScratch = "2147483648"
)

// trialTime is what bubblewrap may take to show that it works.
const trialTime = 30 * time.Second

// newSandbox tries bubblewrap out: it may be there and yet not be allowed.
func newSandbox() (sandbox, error) {
	path, err := exec.LookPath("bwrap")
	if err != nil {
		return sandbox{}, errors.New("bubblewrap (bwrap) is not installed")
	}
	s := sandbox{path: path, sizes: true}
	err = s.try()
	if err != nil {
		// Before version 0.7 it did not know sizes.
		s.sizes = false
		err = s.try()
	}
	if err != nil {
		return sandbox{}, fmt.Errorf("bubblewrap does not work here: %w", err)
	}
	return s, nil
}

func (s sandbox) try() error {
	ctx, cancel := context.WithTimeout(context.Background(), trialTime)
	defer cancel()
	argv := append(s.argv(programScratch), "--", "true")
	//nolint:gosec // bubblewrap from the PATH, with arguments of ours
	out, err := exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// argv calls bubblewrap for an empty root. The command is process 1: nothing
// inside can harm it, and everything ends with it.
func (s sandbox) argv(scratch string) []string {
	argv := []string{
		s.path, "--unshare-all", "--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
		"--proc", "/proc", "--dev", "/dev",
	}
	for _, folder := range []string{"/tmp", "/dev/shm"} {
		if s.sizes {
			argv = append(argv, "--size", scratch)
		}
		argv = append(argv, "--tmpfs", folder)
	}
	if _, err := os.Stat("/proc/sys/fs/mqueue"); err == nil {
		// Queues exist without the folder too, but only there are they seen.
		argv = append(argv, "--mqueue", "/dev/mqueue")
	}
	argv = append(argv, "--remount-ro", "/dev")
	// The pattern is a good one.
	extra, _ := filepath.Glob(settings)
	for _, folder := range append(extra, systemFolders...) {
		if target, err := os.Readlink(folder); err == nil {
			argv = append(argv, "--symlink", target, folder)
			continue
		}
		argv = append(argv, "--ro-bind-try", folder, folder)
	}
	return argv
}

// systemPath is looked through first: what a version manager puts into a
// user's PATH is often a script that starts a shell for every run, which would
// count as the program's time.
const systemPath = "/usr/local/bin:/usr/bin:/bin"

// command returns what starts an agent in a place.
func (r *Runner) command(p place, tools toolchain.Toolchain) (argv, env []string) {
	path := "PATH=" + systemPath + ":" + os.Getenv("PATH")
	if r.sandbox.path == "" {
		env = []string{path, "HOME=" + p.folder, "TMPDIR=" + p.folder}
		if p.cache != "" {
			env = append(env, p.cacheEnv+"="+p.cache)
		}
		return r.o.AgentCommand, env
	}
	bind, scratch := "--ro-bind", programScratch
	if p.writable {
		bind = "--bind"
	}
	if p.compiles {
		scratch = compileScratch
	}
	argv = append(r.sandbox.argv(scratch), bind, p.folder, insideWork, "--chdir", insideWork)
	env = []string{path, "HOME=/tmp"}
	if p.cache != "" {
		argv = append(argv, "--bind", p.cache, insideCache)
		env = append(env, p.cacheEnv+"="+insideCache)
	}
	for _, folder := range homes(tools) {
		argv = append(argv, "--ro-bind", folder, folder)
	}
	argv = append(argv, "--ro-bind", executable(r.o.AgentCommand[0]), insideAgent, "--remount-ro", "/", "--", insideAgent)
	return append(argv, r.o.AgentCommand[1:]...), env
}

// homes are the folders of a language that lie outside the system's.
func homes(tools toolchain.Toolchain) []string {
	var folders []string
	for _, command := range [][]string{tools.Compile, tools.Run} {
		if len(command) == 0 {
			continue
		}
		found, err := exec.LookPath(command[0])
		if err != nil || !filepath.IsAbs(found) {
			continue
		}
		if target, err := filepath.EvalSymlinks(found); err == nil {
			// The folder above bin also holds the libraries.
			folders = append(folders, filepath.Dir(filepath.Dir(target)))
		}
		if dir := filepath.Dir(found); !within(dir, systemFolders) {
			folders = append(folders, dir)
		}
	}
	var outside []string
	for _, folder := range folders {
		if !within(folder, append(systemFolders, outside...)) {
			outside = append(outside, folder)
		}
	}
	return outside
}

func within(folder string, roots []string) bool {
	for _, root := range roots {
		if rel, err := filepath.Rel(root, folder); err == nil && filepath.IsLocal(rel) {
			return true
		}
	}
	return false
}

func executable(path string) string {
	if found, err := exec.LookPath(path); err == nil {
		path = found
	}
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}

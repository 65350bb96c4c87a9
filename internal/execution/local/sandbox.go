package local

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/algoitny/algoitny-operator/internal/execution/agent"
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
)

// place is what an agent may see and write.
type place struct {
	folder   string
	writable bool
	// cache is a writable folder, named to the compiler by cacheEnv; empty
	// when there is none.
	cache, cacheEnv string
}

// sandbox is how bubblewrap is called; empty without it.
type sandbox []string

// The folders inside the sandbox.
const (
	insideWork  = "/work"
	insideCache = "/cache"
	insideAgent = "/agent"
)

// systemFolders hold programs and libraries. Nothing else of the machine is
// seen, no home folder above all.
var systemFolders = []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/ld.so.cache", "/opt", "/nix"}

// newSandbox tries bubblewrap out: it may be there and yet not be allowed.
func newSandbox() (sandbox, error) {
	path, err := exec.LookPath("bwrap")
	if err != nil {
		return nil, errors.New("bubblewrap (bwrap) is not installed")
	}
	s := sandbox{
		path, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL",
		"--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
	}
	for _, folder := range systemFolders {
		if target, err := os.Readlink(folder); err == nil {
			s = append(s, "--symlink", target, folder)
			continue
		}
		s = append(s, "--ro-bind-try", folder, folder)
	}
	out, err := exec.Command(path, append(s[1:], "--", "true")...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("bubblewrap does not work here: %w: %s", err, out)
	}
	return s, nil
}

// command returns what starts an agent in a place.
func (r *Runner) command(p place, tools toolchain.Toolchain) (argv, env []string) {
	path := "PATH=" + os.Getenv("PATH")
	if len(r.sandbox) == 0 {
		env = []string{path, "HOME=" + p.folder, "TMPDIR=" + p.folder}
		if p.cache != "" {
			env = append(env, p.cacheEnv+"="+p.cache)
		}
		return r.o.AgentCommand, env
	}
	argv = append(argv, r.sandbox...)
	bind := "--ro-bind"
	if p.writable {
		bind = "--bind"
	}
	argv = append(argv, bind, p.folder, insideWork, "--chdir", insideWork)
	env = []string{path, "HOME=/tmp"}
	if p.cache != "" {
		argv = append(argv, "--bind", p.cache, insideCache)
		env = append(env, p.cacheEnv+"="+insideCache)
	}
	for _, folder := range homes(tools) {
		argv = append(argv, "--ro-bind", folder, folder)
	}
	argv = append(argv, "--ro-bind", executable(r.o.AgentCommand[0]), insideAgent, "--", insideAgent)
	argv = append(argv, r.o.AgentCommand[1:]...)
	return append(argv, agent.AloneFlag), env
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
		if real, err := filepath.EvalSymlinks(found); err == nil {
			// The folder above bin also holds the libraries.
			folders = append(folders, filepath.Dir(filepath.Dir(real)))
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
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	if absolute, err := filepath.Abs(path); err == nil {
		return absolute
	}
	return path
}

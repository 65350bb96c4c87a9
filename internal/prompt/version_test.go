package prompt

import (
	"io/fs"
	"testing"
	"testing/fstest"
)

// copied are the files of a step, for a test to change.
func copied(t *testing.T, name string) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, file := range []string{name + ".system.tmpl", name + ".user.tmpl", name + ".schema.json", "shared.tmpl"} {
		raw, err := fs.ReadFile(files, "templates/"+file)
		if err != nil {
			t.Fatal(err)
		}
		out["templates/"+file] = &fstest.MapFile{Data: raw}
	}
	return out
}

func TestAnotherWordIsAnotherVersion(t *testing.T) {
	for _, name := range []string{"extract", "solve", "suite-plan", "suite-kill"} {
		same := load(copied(t, name), name, 1).version
		if same != load(files, name, 1).version {
			t.Errorf("%s: equal files have two versions", name)
		}
		for file := range copied(t, name) {
			changed := copied(t, name)
			changed[file].Data = append(changed[file].Data, ' ')
			if load(changed, name, 1).version == same {
				t.Errorf("%s changed and its version did not", file)
			}
		}
	}
}

func TestTheVersionsOfTheStepsDiffer(t *testing.T) {
	if extractStep().version == solveStep().version || len(extractStep().version) != 12 {
		t.Errorf("versions %q and %q", extractStep().version, solveStep().version)
	}
}

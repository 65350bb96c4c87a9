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
	for _, suffix := range []string{".system.tmpl", ".user.tmpl", ".schema.json"} {
		raw, err := fs.ReadFile(files, "templates/"+name+suffix)
		if err != nil {
			t.Fatal(err)
		}
		out["templates/"+name+suffix] = &fstest.MapFile{Data: raw}
	}
	return out
}

func TestAnotherWordIsAnotherVersion(t *testing.T) {
	for _, name := range []string{"extract", "solve"} {
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
	if extractStep.version == solveStep.version || len(extractStep.version) != 12 {
		t.Errorf("versions %q and %q", extractStep.version, solveStep.version)
	}
}

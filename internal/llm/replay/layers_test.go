package replay

import (
	"errors"
	"io/fs"
	"testing"
	"testing/fstest"
)

func TestAFileIsReadFromTheFirstLayerThatHasIt(t *testing.T) {
	layers := Layers{
		fstest.MapFS{"a/b/plan.yaml": {Data: []byte("theirs")}},
		fstest.MapFS{"a/b/plan.yaml": {Data: []byte("ours")}, "a/b/brute.yaml": {Data: []byte("ours")}},
	}
	for name, want := range map[string]string{"a/b/plan.yaml": "theirs", "a/b/brute.yaml": "ours"} {
		if raw, err := fs.ReadFile(layers, name); err != nil || string(raw) != want {
			t.Errorf("%s is %q, %v; want %q", name, raw, err, want)
		}
	}
	if _, err := fs.ReadFile(layers, "a/b/kill.yaml"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

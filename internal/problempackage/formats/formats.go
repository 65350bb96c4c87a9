// Package formats reads a problem package of any format and writes one of
// each.
package formats

import (
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/icpc"
	"github.com/algoitny/algoitny-operator/internal/problempackage/polygon"
)

// Open reads a folder or a ZIP file. The tests are read from it when they are
// opened, so that it must be closed after them. An *archive.Error or
// *problempackage.Error says why it cannot be used.
func Open(location string) (*problempackage.Package, func() error, error) {
	tree, err := archive.Open(location)
	if err != nil {
		return nil, nil, err
	}
	p, err := Read(tree)
	if err != nil {
		_ = tree.Close()
		return nil, nil, fmt.Errorf("%s: %w", location, err)
	}
	return p, tree.Close, nil
}

// Read reads a package. It may lie in the one folder of the tree.
func Read(tree *archive.Tree) (*problempackage.Package, error) {
	for _, part := range []*archive.Tree{tree, onlyFolder(tree)} {
		switch {
		case part == nil:
		case polygon.Is(part):
			return polygon.Read(part)
		case icpc.Is(part):
			return icpc.Read(part)
		}
	}
	return nil, problempackage.Errorf("", "it is no problem package: there is no problem.yaml, domjudge-problem.ini or problem.xml at its top or in its only folder")
}

// macOS puts this beside what it packs.
const macOS = "__MACOSX"

func onlyFolder(tree *archive.Tree) *archive.Tree {
	only := ""
	for _, file := range tree.Files() {
		folder, _, inside := strings.Cut(file.Name, "/")
		if folder == macOS {
			continue
		}
		if !inside || only != "" && folder != only {
			return nil
		}
		only = folder
	}
	if only == "" {
		return nil
	}
	return tree.Within(only)
}

// Write lays a package out in a format. The notes say what does not fit.
func Write(p *problempackage.Package, format problempackage.Format) (*archive.Builder, []string, error) {
	if err := p.Check(); err != nil {
		return nil, nil, err
	}
	switch format {
	case problempackage.ICPC, problempackage.ICPCLegacy:
		return icpc.Write(p, format)
	case problempackage.Polygon:
		return polygon.Write(p)
	}
	return nil, nil, problempackage.Errorf("", "the format %q is not known; the formats are %v", format, problempackage.Formats())
}

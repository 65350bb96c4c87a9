package problempackage

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// MaxText bounds a file that is read as a whole: a program, a header, a
// statement, a problem.yaml. testlib.h has 200 KiB.
const MaxText = 2 << 20

// languages are those of the toolchain table by file ending, as the problem
// package format has them (appendix "Languages").
var languages = map[string]string{
	".py": "python", ".py3": "python",
	".cc": "cpp", ".cpp": "cpp", ".cxx": "cpp", ".c++": "cpp", ".C": "cpp",
	".go": "go", ".java": "java",
}

// Language is the toolchain's name of a file's language, by its ending.
func Language(name string) (string, bool) {
	language, ok := languages[path.Ext(name)]
	return language, ok
}

// Ending is how files of a language end.
func Ending(language string) string {
	switch language {
	case "cpp":
		return ".cpp"
	case "go":
		return ".go"
	case "java":
		return ".java"
	}
	return ".py"
}

// Programs are the paths of the programs in a folder: each is a file or a
// folder directly in it. Files that are documentation are left out.
func Programs(tree *archive.Tree, folder string) []string {
	var paths []string
	for _, file := range tree.Under(folder) {
		first, _, _ := strings.Cut(strings.TrimPrefix(file.Name, folder+"/"), "/")
		place := folder + "/" + first
		if documentation(first) || len(paths) > 0 && paths[len(paths)-1] == place {
			continue
		}
		paths = append(paths, place)
	}
	return paths
}

// noPrograms are the endings of files that lie beside programs and are none.
var noPrograms = []string{".md", ".txt", ".yaml", ".json", ".h", ".hpp", ".hh"}

func documentation(name string) bool {
	base := strings.ToLower(strings.TrimSuffix(name, path.Ext(name)))
	return strings.HasPrefix(name, ".") || base == "readme" || slices.Contains(noPrograms, path.Ext(name))
}

// ReadProgram reads a program that is a file or a folder. An *Error says why
// it cannot be run here.
func ReadProgram(tree *archive.Tree, place string) (problem.Program, error) {
	if file, ok := tree.Find(place); ok {
		return readFile(file)
	}
	files := tree.Under(place)
	entry, err := entryOf(place, files)
	if err != nil {
		return problem.Program{}, err
	}
	program, err := readFile(entry)
	if err != nil {
		return problem.Program{}, err
	}
	program.Name = path.Base(place)
	for _, file := range files {
		if file.Name == entry.Name {
			continue
		}
		text, err := file.Text(MaxText)
		if err != nil {
			return problem.Program{}, err
		}
		if program.Files == nil {
			program.Files = map[string]string{}
		}
		program.Files[path.Base(file.Name)] = text
	}
	return program, nil
}

// python2 is the first line of a program for Python 2, by the legacy format.
var python2 = regexp.MustCompile(`^#!.*python2`)

func readFile(file archive.File) (problem.Program, error) {
	language, ok := Language(file.Name)
	if !ok {
		return problem.Program{}, Errorf(file.Name, "no language is known for files that end in %q; the endings are %s", path.Ext(file.Name), endings())
	}
	source, err := file.Text(MaxText)
	if err != nil {
		return problem.Program{}, err
	}
	if language == "python" && python2.MatchString(source) {
		return problem.Program{}, Errorf(file.Name, "it is written for Python 2, which is not run here")
	}
	base := path.Base(file.Name)
	return problem.Program{Name: strings.TrimSuffix(base, path.Ext(base)), Language: language, Source: source}, nil
}

func endings() string {
	all := make([]string, 0, len(languages))
	for ending := range languages {
		all = append(all, ending)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// EntryName is what the file of a folder program is called that begins.
func EntryName(language string) string {
	switch language {
	case "python", "pypy":
		return "__main__.py"
	case "java":
		return "Main.java"
	}
	return "main" + Ending(language)
}

// entryOf is the file of a folder program that is compiled or started. The
// others lie beside it.
func entryOf(place string, files []archive.File) (archive.File, error) {
	var sources []archive.File
	for _, file := range files {
		name := strings.TrimPrefix(file.Name, place+"/")
		switch {
		case name == "build" || name == "run":
			return archive.File{}, Errorf(file.Name, "programs with build and run scripts are not run here; a single source file, with headers beside it, is")
		case strings.Contains(name, "/"):
			return archive.File{}, Errorf(file.Name, "a program's files in folders of their own are not supported; put them beside its source")
		}
		if _, ok := Language(name); ok {
			sources = append(sources, file)
		}
	}
	for _, name := range []string{"__main__.py", "main.py", "Main.java", "main.cpp", "main.go"} {
		for _, file := range sources {
			if path.Base(file.Name) == name {
				return file, nil
			}
		}
	}
	if len(sources) == 1 {
		return sources[0], nil
	}
	return archive.File{}, Errorf(place, "it has %d source files and none that begins; one source, with headers or Python modules beside it, is run here", len(sources))
}

// UsesTestlib tells whether a program is written with testlib.
func UsesTestlib(program *problem.Program) bool {
	return strings.Contains(program.Source, `"testlib.h"`) || strings.Contains(program.Source, "<testlib.h>")
}

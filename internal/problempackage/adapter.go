package problempackage

import (
	_ "embed" // the adapters
	"maps"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Adapter is how a program is made to speak another protocol.
type Adapter string

// The adapters.
const (
	CheckerToICPC      Adapter = "CHECKER_TO_ICPC"
	CheckerToTestlib   Adapter = "CHECKER_TO_TESTLIB"
	ValidatorToICPC    Adapter = "VALIDATOR_TO_ICPC"
	ValidatorToTestlib Adapter = "VALIDATOR_TO_TESTLIB"
)

//go:embed adapters/adapter.cpp
var cppAdapter string

//go:embed adapters/adapter.py
var pythonAdapter string

// Adapt puts an adapter around a program, which stays beside it unchanged.
func Adapt(program problem.Program, adapter Adapter) (problem.Program, error) {
	var template, original string
	switch program.Language {
	case "cpp":
		template, original = cppAdapter, program.Name+"-adapted.h"
	case "python", "pypy":
		template, original = pythonAdapter, program.Name+"_adapted.py"
	default:
		return program, Errorf("", "the program %s is written in %s; only Python and C++ can be made to speak the protocol of another judge", program.Name, program.Language)
	}
	adapted := program
	adapted.Files = map[string]string{}
	maps.Copy(adapted.Files, program.Files)
	if _, taken := adapted.Files[original]; taken {
		return program, Errorf("", "the program %s has a file %s, which its adapter would need", program.Name, original)
	}
	adapted.Files[original] = program.Source
	adapted.Source = strings.NewReplacer("{{ADAPTER}}", string(adapter), "{{ORIGINAL}}", original).Replace(template)
	return adapted, nil
}

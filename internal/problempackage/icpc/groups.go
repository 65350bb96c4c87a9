package icpc

import (
	"encoding/json"
	"path"
	"strconv"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
)

// groupFiles are what the configuration of a group of tests is called, in the
// legacy format and after it.
var groupFiles = map[problempackage.Format]string{
	problempackage.ICPCLegacy: "testdata.yaml",
	problempackage.ICPC:       "test_group.yaml",
}

// config is what is stated of a test or a group of tests. A nil field is
// inherited.
type config struct {
	Args        *words         `json:"args,omitempty"`
	InputArgs   *validatorArgs `json:"input_validator_args,omitempty"`
	OutputArgs  *outputArgs    `json:"output_validator_args,omitempty"`
	Description text           `json:"description,omitempty"`
	// InputFlags and OutputFlags are the legacy format's names.
	InputFlags  *validatorArgs  `json:"input_validator_flags,omitempty"`
	OutputFlags *outputArgs     `json:"output_validator_flags,omitempty"`
	Grading     json.RawMessage `json:"grading,omitempty"`
}

// configKeys are the keys that are read, or that say nothing about which
// programs are right.
var configKeys = []string{
	"args", "input_validator_args", "output_validator_args", "description", "input_validator_flags", "output_validator_flags", "grading",
	"hint", "full_feedback", "scoring", "static_validation", "on_reject", "grader_flags", "accept_score", "reject_score", "range",
	"max_score", "score_aggregation", "static_validation_score", "require_pass", "static_validator_args", "input_visualizer_args", "output_visualizer_args",
}

// validatorArgs are arguments of all input validators, or of each by name.
type validatorArgs struct{ problempackage.Args }

// UnmarshalJSON implements json.Unmarshaler.
func (a *validatorArgs) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return json.Unmarshal(raw, (*words)(&a.All))
	}
	named := map[string]words{}
	if err := json.Unmarshal(raw, &named); err != nil {
		return err
	}
	a.Named = map[string][]string{}
	// The legacy format has two keys instead: name and flags.
	if name, ok := named["name"]; ok && len(name) == 1 && len(named) <= 2 {
		a.Named[name[0]] = named["flags"]
		return nil
	}
	for name, args := range named {
		a.Named[name] = args
	}
	return nil
}

// outputArgs are the arguments of the output validator. By the letter of the
// legacy format a string is its name; all tools take it for the arguments.
type outputArgs []string

// UnmarshalJSON implements json.Unmarshaler.
func (a *outputArgs) UnmarshalJSON(raw []byte) error {
	if raw[0] != '{' {
		return json.Unmarshal(raw, (*words)(a))
	}
	var named struct {
		Flags words `json:"flags"`
	}
	err := json.Unmarshal(raw, &named)
	*a = outputArgs(named.Flags)
	return err
}

// over is a configuration on top of the one that it inherits from.
func (c config) over(parent config) config {
	if c.InputArgs == nil {
		c.InputArgs = c.InputFlags
	}
	if c.OutputArgs == nil {
		c.OutputArgs = c.OutputFlags
	}
	if c.Args == nil {
		c.Args = parent.Args
	}
	if c.InputArgs == nil {
		c.InputArgs = parent.InputArgs
	}
	if c.OutputArgs == nil {
		c.OutputArgs = parent.OutputArgs
	}
	return c
}

// groups finds the configuration of every group of tests, once each.
type groups struct {
	tree    *archive.Tree
	format  problempackage.Format
	replace *strings.Replacer
	known   map[string]config
	note    func(format string, args ...any)
}

// of is the configuration of a folder below data. The legacy format takes the
// file of the closest folder as a whole, the others each key of its own.
func (g *groups) of(folder string) (config, error) {
	if found, ok := g.known[folder]; ok {
		return found, nil
	}
	parent := config{}
	if folder != dataFolder {
		var err error
		if parent, err = g.of(path.Dir(folder)); err != nil {
			return config{}, err
		}
	}
	own, ok, err := g.read(folder + "/" + groupFiles[g.format])
	if err != nil {
		return config{}, err
	}
	result := parent
	switch {
	case ok && g.format == problempackage.ICPCLegacy:
		result = own.over(config{})
	case ok:
		result = own.over(parent)
	}
	result.Description = ""
	g.known[folder] = result
	return result, nil
}

func (g *groups) read(name string) (config, bool, error) {
	file, ok := g.tree.Find(name)
	if !ok {
		return config{}, false, nil
	}
	body, err := file.Text(problempackage.MaxText)
	if err != nil {
		return config{}, false, err
	}
	var c config
	unknown, err := unmarshal(name, g.replace.Replace(body), &c, configKeys...)
	if err != nil {
		return config{}, false, err
	}
	for _, key := range unknown {
		g.note("%s: the key %q is not known", name, key)
	}
	if string(c.Grading) == `"custom"` {
		return config{}, false, problempackage.Errorf(name, "it has a grader of its own; programs are accepted or not here, without points")
	}
	return c, true, nil
}

// rules are those of the default output validator for its arguments.
func rules(where string, args []string) (problem.CompareRules, error) {
	r := problem.CompareRules{IgnoreCase: true}
	for i := 0; i < len(args); i++ {
		switch arg := args[i]; arg {
		case "case_sensitive":
			r.IgnoreCase = false
		case "space_change_sensitive":
			r.SpaceSensitive = true
		case "float_tolerance", "float_absolute_tolerance", "float_relative_tolerance":
			if i++; i == len(args) {
				return r, problempackage.Errorf(where, "%s is not followed by a number", arg)
			}
			epsilon, err := strconv.ParseFloat(args[i], 64)
			if err != nil || !(epsilon >= 0 && epsilon < 1e300) {
				return r, problempackage.Errorf(where, "%s is followed by %.40q, which is no tolerance", arg, args[i])
			}
			if arg != "float_relative_tolerance" {
				r.AbsTolerance = epsilon
			}
			if arg != "float_absolute_tolerance" {
				r.RelTolerance = epsilon
			}
		default:
			return r, problempackage.Errorf(where, "the default output validator has no argument %.40q", arg)
		}
	}
	return r, nil
}

// arguments are those of the default output validator for rules.
func arguments(r problem.CompareRules) []string {
	var args []string
	if !r.IgnoreCase {
		args = append(args, "case_sensitive")
	}
	if r.SpaceSensitive || r.PresentationErrors {
		args = append(args, "space_change_sensitive")
	}
	number := func(value float64) string { return strconv.FormatFloat(value, 'g', -1, 64) }
	switch {
	case r.AbsTolerance > 0 && r.AbsTolerance == r.RelTolerance:
		return append(args, "float_tolerance", number(r.AbsTolerance))
	case r.AbsTolerance > 0 && r.RelTolerance > 0:
		return append(args, "float_absolute_tolerance", number(r.AbsTolerance), "float_relative_tolerance", number(r.RelTolerance))
	case r.AbsTolerance > 0:
		return append(args, "float_absolute_tolerance", number(r.AbsTolerance))
	case r.RelTolerance > 0:
		return append(args, "float_relative_tolerance", number(r.RelTolerance))
	}
	return args
}

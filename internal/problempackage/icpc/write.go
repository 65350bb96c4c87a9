package icpc

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/archive"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/problempackage/statement"
)

// writer writes one package.
type writer struct {
	problempackage.Output
	p      *problempackage.Package
	legacy bool
	paths  map[string]bool
}

// Write lays a package out in this format. The notes say what does not fit.
// The files lie at the top of the archive, where DOMjudge looks for them.
func Write(p *problempackage.Package, format problempackage.Format) (*archive.Builder, []string, error) {
	w := &writer{p: p, legacy: format == problempackage.ICPCLegacy, paths: map[string]bool{}}
	return w.All(w.statements, w.checker, w.validators, w.tests, w.submissions, w.rest, w.domjudge, w.metadata)
}

func (w *writer) addText(name, body string) { w.Put(name, archive.Text(body)) }

func (w *writer) addYAML(name string, keys map[string]any) {
	raw, err := yaml.Marshal(keys)
	if err != nil {
		w.Fail(fmt.Errorf("write %s: %w", name, err))
	}
	w.addText(name, string(raw))
}

// statements writes every statement in a markup that the version takes.
func (w *writer) statements() {
	folder := statementFolders[problempackage.ICPC]
	if w.legacy {
		folder = statementFolders[problempackage.ICPCLegacy]
	}
	for _, s := range w.p.Statements {
		kind, body := s.Kind, s.Body
		if kind == statement.Markdown && w.legacy {
			kind, body = statement.TeX, ""
			s.Sections = statement.Map(s.Plain(), func(text string) string { return statement.Escape(statement.TeX, text) })
			w.Note("the statement in %s was written in Markdown and is rewritten in LaTeX, without its markup", s.Language)
		}
		if body == "" {
			body = statement.Join(kind, s.Title, s.Sections)
		}
		w.addText(fmt.Sprintf("%s/problem.%s.%s", folder, s.Language, kind), body)
	}
	for _, other := range w.p.Others {
		if name, ok := strings.CutPrefix(other.Name, "statement/"); ok {
			w.Put(folder+"/"+name, other.Content)
		}
	}
}

func (w *writer) rest() {
	for _, other := range w.p.Others {
		if !strings.HasPrefix(other.Name, "statement/") {
			w.Put(other.Name, other.Content)
		}
	}
	for _, generator := range w.p.Generators {
		w.program("generators", generator)
	}
}

// place is a path for a program that no other one has.
func (w *writer) place(folder, name string) string {
	clean := problempackage.CleanName(name)
	place := folder + "/" + clean
	for n := 2; w.paths[strings.ToLower(place)]; n++ {
		place = fmt.Sprintf("%s/%s-%d", folder, clean, n)
	}
	w.paths[strings.ToLower(place)] = true
	return place
}

// program writes a program as a file, or as a folder where it has more of
// them. It returns where.
func (w *writer) program(folder string, program problem.Program) string {
	place := w.place(folder, program.Name)
	if len(program.Files) == 0 && program.Language != "java" {
		place += problempackage.Ending(program.Language)
		w.addText(place, program.Source)
		return place
	}
	w.folderProgram(place, program)
	return place
}

func (w *writer) folderProgram(place string, program problem.Program) {
	w.addText(place+"/"+problempackage.EntryName(program.Language), program.Source)
	for name, body := range program.Files {
		w.addText(place+"/"+name, body)
	}
	// The format wants a module where several Python files are.
	if _, ok := program.Files["__init__.py"]; !ok && problempackage.Ending(program.Language) == ".py" {
		w.addText(place+"/__init__.py", "")
	}
}

func (w *writer) checker() {
	if w.p.Checker.Rules.PresentationErrors {
		w.Note("the format knows no presentation errors; an output that differs in its whitespace alone is wrong")
	}
	if w.p.CheckerProgram == nil {
		return
	}
	program := *w.p.CheckerProgram
	if w.p.Checker.Protocol == problem.ProtocolTestlib {
		var err error
		if program, err = problempackage.Adapt(program, problempackage.CheckerToICPC); err != nil {
			w.Fail(err)
			return
		}
		w.Note("the checker speaks testlib's protocol and is exported with an adapter around it")
	}
	switch {
	case w.legacy:
		w.program("output_validators", program)
	case len(program.Files) == 0:
		w.program("output_validator", program)
	default:
		w.folderProgram("output_validator", program)
	}
}

func (w *writer) validators() {
	for _, validator := range w.p.Validators {
		program := validator.Program
		if !slices.Contains(validator.Accepts, accepts) {
			var err error
			if program, err = problempackage.Adapt(program, problempackage.ValidatorToICPC); err != nil {
				w.Fail(err)
				return
			}
			w.Note("the validator %s accepts with exit code %d and is exported with an adapter around it", program.Name, validator.Accepts)
		}
		w.program("input_validators", program)
	}
	if len(w.p.Validators) == 0 {
		w.Note("the format wants an input validator, and there is none")
	}
}

// metadata writes problem.yaml. Its keys come out sorted.
func (w *writer) metadata() {
	p := w.p
	keys := map[string]any{"name": p.Title, "problem_format_version": "legacy"}
	optional := func(key, value string) {
		if value != "" {
			keys[key] = value
		}
	}
	optional("license", p.License)
	optional("rights_owner", p.RightsOwner)
	if bounds := w.limits(); len(bounds) > 0 {
		keys["limits"] = bounds
	}
	if w.legacy {
		optional("uuid", p.UUID)
		optional("author", strings.Join(p.Authors, ", "))
		optional("source", p.Source)
		if p.Source != "" {
			optional("source_url", p.SourceURL)
		}
		optional("keywords", strings.Join(p.Keywords, " "))
		keys["validation"] = "default"
		if p.CheckerProgram != nil {
			keys["validation"] = "custom"
		}
		if flags, same := w.commonOutputArgs(); same {
			optional("validator_flags", strings.Join(flags, " "))
		}
	} else {
		keys["problem_format_version"], keys["uuid"], keys["name"] = Version, w.uuid(), w.names()
		keys["type"] = "pass-fail"
		if len(p.Authors) > 0 {
			keys["credits"] = map[string]any{"authors": p.Authors}
		}
		if p.Source != "" {
			keys["source"] = map[string]string{"name": p.Source}
			if p.SourceURL != "" {
				keys["source"] = map[string]string{"name": p.Source, "url": p.SourceURL}
			}
		}
		if len(p.Keywords) > 0 {
			keys["keywords"] = p.Keywords
		}
	}
	w.addYAML(metadataFile, keys)
}

// names are the titles, in exactly the languages of the statements.
func (w *writer) names() map[string]string {
	names := map[string]string{}
	for _, s := range w.p.Statements {
		if names[s.Language] = s.Title; s.Title == "" {
			names[s.Language] = w.p.Title
		}
	}
	if len(names) == 0 {
		names["en"] = w.p.Title
	}
	return names
}

// uuid is the package's own, or one that follows from its name and title.
func (w *writer) uuid() string {
	if w.p.UUID != "" {
		return w.p.UUID
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("algoitny.dev/"+w.p.Name+"/"+w.p.Title)).String()
}

func (w *writer) limits() map[string]any {
	limits := map[string]any{}
	p := w.p
	mebibytes := func(key string, bytes int64) {
		if bytes > 0 {
			limits[key] = max(1, bytes>>20)
		}
		if bytes&(1<<20-1) != 0 {
			w.Note("limits.%s is in whole MiB: %d bytes become %d MiB", key, bytes, max(1, bytes>>20))
		}
	}
	mebibytes("memory", p.Limits.MemoryBytes)
	mebibytes("output", p.OutputBytes)
	switch {
	case w.legacy && p.Timing.Multiplier > 0 && p.Timing.Multiplier != problempackage.DefaultTiming.Multiplier:
		limits["time_multiplier"] = p.Timing.Multiplier
	case w.legacy:
	case p.Limits.Time > 0:
		limits["time_limit"] = p.Limits.Time.Seconds()
	default:
		if p.Timing.Multiplier > 0 && p.Timing.Multiplier != problempackage.DefaultTiming.Multiplier {
			limits["time_multipliers"] = map[string]float64{"ac_to_time_limit": p.Timing.Multiplier}
		}
		if p.Timing.Resolution > 0 && p.Timing.Resolution != problempackage.DefaultTiming.Resolution {
			limits["time_resolution"] = p.Timing.Resolution.Seconds()
		}
	}
	return limits
}

// domjudge writes what DOMjudge reads beside problem.yaml, and the file that
// legacy packages state their time limit in.
func (w *writer) domjudge() {
	seconds := strconv.FormatFloat(w.p.Limits.Time.Seconds(), 'f', -1, 64)
	var body strings.Builder
	property := func(key, value string) {
		if value == "" {
			return
		}
		quote := `"`
		if strings.Contains(value, quote) {
			quote, value = "'", strings.ReplaceAll(value, "'", "’")
		}
		fmt.Fprintf(&body, "%s = %s%s%s\n", key, quote, value, quote)
	}
	property("name", w.p.Title)
	property("externalid", w.externalID())
	property("color", w.p.Color)
	if w.p.Limits.Time > 0 {
		fmt.Fprintf(&body, "timelimit = %s\n", seconds)
		if w.legacy {
			w.addText(timelimitFile, seconds+"\n")
		}
	}
	w.addText(iniFile, body.String())
}

func (w *writer) externalID() string {
	if w.p.ExternalID != "" {
		return w.p.ExternalID
	}
	return problempackage.CleanName(w.p.Name)
}

// keysOf are the keys of a map, sorted.
func keysOf[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

package cli

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/problempackage"
	"github.com/algoitny/algoitny-operator/internal/rebuild"
	"github.com/algoitny/algoitny-operator/internal/store"
)

const (
	replayUsage = "replay PLATFORM/ID [--json] " + tableUsage
	replayHelp  = `make a stored problem, its suites and its solutions again, from the stored
page and the recorded answers alone: no model is asked and nothing is paid
for or stored. Programs run on this machine. What was made is compared byte
by byte with what is stored. Exit code 0: all the same; 1: something
differs; 3: something could not be replayed, and nothing differs`
)

type replayOptions struct {
	key   problem.Key
	json  bool
	table TableAddress
}

func replayFlags(e *Environment, args []string) (*replayOptions, error) {
	o := &replayOptions{}
	set := flag.NewFlagSet("replay", flag.ContinueOnError)
	set.BoolVar(&o.json, "json", false, "write JSON")
	o.table.flags(set)
	words, err := e.flags(set, args, 1)
	if err != nil {
		return nil, err
	}
	match := storedName.FindStringSubmatch(words[0])
	if match == nil {
		return nil, usagef("%q is not PLATFORM/ID, such as codeforces/1211A", words[0])
	}
	o.key = problem.Key{Platform: match[1], ID: match[2]}
	return o, nil
}

func runReplay(ctx context.Context, e *Environment, args []string) (int, error) {
	o, err := replayFlags(e, args)
	if err != nil {
		return 0, err
	}
	table, err := e.Table(ctx, o.table)
	if err != nil {
		return 0, err
	}
	all, err := (&rebuild.Replayer{Table: table, Start: e.Engine}).Replay(ctx, o.key)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return 0, problempackage.Errorf("", "there is no problem %s in the table %s", o.key, o.table.Name)
	case isTable(err):
		return 0, o.table.failed(err)
	case err != nil:
		return 0, err
	}
	code := replayCode(all)
	if o.json {
		return code, e.json(all)
	}
	return code, e.replayed(all)
}

func isTable(err error) bool {
	_, ok := errors.AsType[*store.Error](err)
	return ok
}

// replayCode puts what differs first: it is what a person has to look at.
func replayCode(all []rebuild.Artefact) int {
	code := ExitOK
	for i := range all {
		switch all[i].Outcome {
		case rebuild.Differs:
			return ExitOther
		case rebuild.NotReplayed:
			code = ExitFailed
		}
	}
	return code
}

// replayed writes one line an artefact, and below what each was made of.
func (e *Environment) replayed(all []rebuild.Artefact) error {
	lines := [][]string{{"ARTEFACT", "RESULT", "CALLS", "PAID", "COST THEN", ""}}
	for i := range all {
		a := &all[i]
		lines = append(lines, []string{
			artefactName(a), string(a.Outcome), number(int64(a.Calls)), number(int64(a.Paid)), costThen(&a.Provenance), a.Why,
		})
	}
	if err := e.table(lines); err != nil {
		return err
	}
	for i := range all {
		e.provenance(&all[i])
	}
	return nil
}

func artefactName(a *rebuild.Artefact) string { return a.Kind + " " + a.Name }

func costThen(p *store.Provenance) string {
	if len(p.Calls) == 0 && p.CostNano == 0 {
		return "-"
	}
	return strings.TrimSpace(llm.FormatAmount(p.CostNano) + " " + p.Currency)
}

// provenance says what an artefact was made of.
func (e *Environment) provenance(a *rebuild.Artefact) {
	p := &a.Provenance
	e.say("\n%s", artefactName(a))
	line := func(what, format string, args ...any) {
		e.say("  %-9s%s", what, fmt.Sprintf(format, args...))
	}
	if p.Page.Digest != "" {
		line("page", "sha256:%s, %d bytes, %s", p.Page.Digest, p.Page.Size, p.Page.URL)
	}
	if p.Provider != "" {
		line("model", "%s", strings.Join(strings.Fields(cmp.Or(p.Identity, p.Model)+" by "+p.Provider), " "))
	}
	if len(p.Calls) > 0 {
		line("prompts", "%s", prompts(p.Calls))
	}
	for _, environment := range p.Environments {
		line("ran in", "%s", environment)
	}
	for _, environment := range a.Here {
		line("here", "%s", environment)
	}
	for _, note := range a.Notes {
		line("note", "%s", note)
	}
}

// prompts are the steps with the versions of their prompts, in the order of
// their first use.
func prompts(calls []store.UsedCall) string {
	times, order := map[string]int{}, []string{}
	for _, call := range calls {
		name := call.Step + "@" + call.PromptVersion
		if times[name]++; times[name] == 1 {
			order = append(order, name)
		}
	}
	for i, name := range order {
		if times[name] > 1 {
			order[i] = fmt.Sprintf("%s ×%d", name, times[name])
		}
	}
	return strings.Join(order, ", ")
}

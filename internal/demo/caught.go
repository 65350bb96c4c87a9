package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/pipeline"
	"github.com/algoitny/algoitny-operator/internal/pipeline/testgen"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// shownKills are the mutants that are described of each suite, of those that
// the samples let pass.
const shownKills = 2

// maxShown bounds a text of a test that is shown, in bytes.
const maxShown = 200

// caught prints what the suites are worth: the mutants they kill, and for
// every rejected program the smallest test that it fails. Only whoever can read
// the table sees tests; a status never shows them.
func (d *demo) caught(ctx context.Context) error {
	suites := map[string]*problem.Suite{}
	var made v1alpha1.TestSuiteList
	if err := d.client.List(ctx, &made, client.InNamespace(namespace)); err != nil {
		return err
	}
	for i := range made.Items {
		stored := made.Items[i].Status.Stored
		if stored.Name == "" {
			continue
		}
		rec, err := d.store.Suite(ctx, problem.Key{Platform: stored.Platform, ID: stored.ID}, stored.Name)
		if err != nil {
			return fmt.Errorf("read the suite %s: %w", made.Items[i].Name, err)
		}
		suites[rec.Suite.Digest()] = &rec.Suite
		if err := d.killed(made.Items[i].Name, rec.Report); err != nil {
			return err
		}
	}
	return d.rejected(ctx, suites)
}

// killed prints what became of a suite's mutants; an imported suite had none.
func (d *demo) killed(name string, raw json.RawMessage) error {
	var report testgen.Report
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, &report); err != nil {
		return fmt.Errorf("read the report of the suite %s: %w", name, err)
	}
	m := &report.Mutants
	d.say("\nmutants  %s kills %d of %d; %d do the same as before, %d survived", name, m.Killed, m.Made, m.Equivalent, m.Survived)
	shown := 0
	for i, mutant := range report.Matrix.Mutants {
		if test := killer(&report.Matrix, i); test != "" && shown < shownKills {
			shown++
			d.say("         killed by %s: %s", test, mutant)
		}
	}
	for _, survivor := range m.Survivors {
		d.say("         survived: %s", survivor)
	}
	return nil
}

// killer names the first test that kills a mutant, nothing where a sample does:
// that takes no suite.
func killer(m *testgen.Matrix, mutant int) string {
	for test, kills := range m.Kills {
		if slices.Contains(kills, mutant) {
			if strings.HasPrefix(m.Tests[test], string(problem.TestSample)) {
				return ""
			}
			return m.Tests[test]
		}
	}
	return ""
}

// rejected prints the smallest test that each rejected program fails.
func (d *demo) rejected(ctx context.Context, suites map[string]*problem.Suite) error {
	var submissions v1alpha1.SubmissionList
	if err := d.client.List(ctx, &submissions, client.InNamespace(namespace)); err != nil {
		return err
	}
	for i := range submissions.Items {
		sub := &submissions.Items[i]
		suite := suites[sub.Status.JudgedAgainst.Suite]
		if suite == nil {
			continue
		}
		if test, verdict := smallestFailure(suite, sub.Status.Tests); test != nil {
			d.say("\ncaught   %s: %s; of the tests it fails the smallest is %q\n%s\n%s",
				sub.Name, verdict, test.Name, block("input", test.Input), block("answer", test.Answer))
		}
	}
	return nil
}

// smallestFailure finds the test with the smallest input among those that were
// not passed, nil when all were.
func smallestFailure(suite *problem.Suite, results []v1alpha1.JudgedTest) (*problem.Test, string) {
	var smallest *problem.Test
	verdict := ""
	for _, result := range results {
		test := suite.Test(result.Name)
		if test == nil || result.Verdict == string(problem.Accepted) {
			continue
		}
		if smallest == nil || test.Input.Size < smallest.Input.Size {
			smallest, verdict = test, result.Verdict
		}
	}
	return smallest, verdict
}

// block is a text of a test under its name.
func block(name string, data problem.Data) string {
	text := fmt.Sprintf("(%d bytes, made by a program)", data.Size)
	if data.Stored() {
		text = pipeline.Excerpt(data.Text, maxShown)
	}
	return fmt.Sprintf("         %-7s %s", name, strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n                 "))
}

package chaos_test

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	domain "github.com/algoitny/algoitny-operator/internal/problem"
)

// disagreements are where the table and the status of the objects differ, and
// what is stored that no object stands for.
func (w *world) disagreements() []string {
	seen, err := w.look()
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for key, o := range seen {
		if err := w.agrees(o); err != nil {
			out = append(out, fmt.Sprintf("the table and the status of %s differ: %v", key, err))
		}
	}
	rows, err := w.table.scan(w.t.Context())
	if err != nil {
		return append(out, err.Error())
	}
	out = append(out, w.unreported(seen, rows)...)
	out = append(out, orphans(rows, seen)...)
	out = append(out, w.unwanted(rows)...)
	slices.Sort(out)
	return out
}

// agrees compares a finished object with what is stored for it.
func (w *world) agrees(o seen) error {
	switch found := o.object.(type) {
	case *v1alpha1.Problem:
		if found.Status.Published.Key != "" {
			return w.agreesProblem(found)
		}
	case *v1alpha1.SolutionJob:
		if o.state == ready {
			return w.agreesSolution(found)
		}
	case *v1alpha1.TestSuite:
		if o.state == ready {
			return w.agreesSuite(found)
		}
	}
	return nil
}

func (w *world) agreesProblem(o *v1alpha1.Problem) error {
	rec, err := w.table.store.Problem(w.t.Context(), domain.Key{Platform: o.Status.Platform, ID: o.Status.ID})
	if err != nil {
		return err
	}
	is, says := &rec.Problem, &o.Status.Published
	if rec.Owner.UID != string(o.UID) || is.Digest() != says.Digest || is.TaskDigest() != says.TaskDigest || rec.Version != ptr.Deref(says.Version, 0) {
		return fmt.Errorf("stored is version %d of %s with the digests %s and %s; the status has %+v", rec.Version, rec.Owner, is.Digest(), is.TaskDigest(), says)
	}
	return nil
}

func (w *world) agreesSolution(o *v1alpha1.SolutionJob) error {
	says := &o.Status.Stored
	rec, err := w.table.store.Solution(w.t.Context(), domain.Key{Platform: says.Platform, ID: says.ID}, string(o.Spec.Language), says.Name)
	if err != nil {
		return err
	}
	if rec.Owner.UID != string(o.UID) || rec.Verdict != domain.Accepted || rec.ProblemDigest != says.TaskDigest || rec.SuiteDigest != says.Suite || rec.Attempts != len(o.Status.Attempts) {
		return fmt.Errorf("stored is %s of %s for %s with suite %q after %d attempts; the status has %+v", rec.Verdict, rec.Owner, rec.ProblemDigest, rec.SuiteDigest, rec.Attempts, says)
	}
	return nil
}

func (w *world) agreesSuite(o *v1alpha1.TestSuite) error {
	says := &o.Status.Stored
	rec, err := w.table.store.Suite(w.t.Context(), domain.Key{Platform: says.Platform, ID: says.ID}, says.Name)
	if err != nil {
		return err
	}
	if rec.Owner.UID != string(o.UID) || rec.Suite.Digest() != o.Status.Digest || rec.Version != ptr.Deref(says.Version, 0) {
		return fmt.Errorf("stored is version %d of %s with the digest %s; the status has %s, %+v", rec.Version, rec.Owner, rec.Suite.Digest(), o.Status.Digest, says)
	}
	return nil
}

// unreported are providers and budgets whose status does not tell what the
// table counts.
func (w *world) unreported(seen objects, rows []item) []string {
	var out []string
	for _, row := range rows {
		sum, ok := totalOf(row)
		if !ok || sum.keeper() == "" {
			continue
		}
		spent, calls := reported(seen[sum.keeper()].object)
		if spent != units(sum.spent) || calls != sum.requests {
			out = append(out, fmt.Sprintf("%s says %q spent for %d calls, the table %s for %d",
				sum.keeper(), spent, calls, units(sum.spent), sum.requests))
		}
	}
	return out
}

// reported is what an object says was spent, and for how many calls.
func reported(o object) (spent string, calls int64) {
	switch o := o.(type) {
	case *v1alpha1.ModelProvider:
		return o.Status.Usage.Spent, ptr.Deref(o.Status.Usage.Requests, 0)
	case *v1alpha1.Budget:
		return o.Status.Spent, ptr.Deref(o.Status.Calls, 0)
	}
	return "", 0
}

// orphans are rows that no object owns, and parts of what is not there.
func orphans(rows []item, seen objects) []string {
	alive, bodies := map[string]bool{}, map[string]bool{}
	for _, o := range seen {
		alive[string(o.GetUID())] = true
	}
	for _, row := range rows {
		bodies[row["Body"].M.text("id")] = true
	}
	var out []string
	for _, row := range rows {
		name := row.text("PK") + " / " + row.text("SK")
		owner, owned := row["Owner"]
		switch {
		case owned && owner.M != nil && !alive[owner.M.text("uid")]:
			out = append(out, fmt.Sprintf("%s is stored for %s/%s, which is gone", name, owner.M.text("namespace"), owner.M.text("name")))
		case isPart(row.text("SK")) && !bodies[row.text("WriteID")]:
			out = append(out, name+" is a part of nothing")
		}
	}
	return out
}

// isPart tells the keys of bodies from those of rows that have one.
func isPart(sk string) bool {
	for _, prefix := range []string{"STATEMENT", "SOURCE#", "TESTS#", "RESPONSE#"} {
		if strings.HasPrefix(sk, prefix) {
			return true
		}
	}
	return false
}

// unwanted are rows of problems that must not be stored.
func (w *world) unwanted(rows []item) []string {
	var out []string
	for _, row := range rows {
		for _, id := range w.plan.unwanted {
			if pk := row.text("PK"); strings.HasPrefix(pk, "PROBLEM#") && strings.HasSuffix(pk, "#"+id) {
				out = append(out, pk+" / "+row.text("SK")+" should not be stored")
			}
		}
	}
	return out
}

package demo

import (
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/ledger"
)

// raised is what the demo raises a budget to that held something up.
const raised = "1"

// held tells whether a resource waits for money, and for nothing else.
func (r row) held() bool { return r.upToDate && r.reason == string(ledger.ReasonBudgetExceeded) }

// waitsFor tells whether a Problem only waits for a solution that is held.
func (r row) waitsFor(other row) bool {
	problem, isProblem := strings.CutPrefix(r.name, "problem/")
	return isProblem && other.held() && r.upToDate && r.reason == v1alpha1.ReasonSolutionsPending &&
		strings.HasPrefix(other.name, "solutionjob/"+problem+"-")
}

// halted are the resources that nothing but money holds up, and all is what the
// rest amounts to: whether it has settled.
func halted(rows []row) (halted, rest []row) {
	for _, r := range rows {
		waits := r.held()
		for _, other := range rows {
			waits = waits || r.waitsFor(other)
		}
		if waits {
			halted = append(halted, r)
		} else {
			rest = append(rest, r)
		}
	}
	return halted, rest
}

// raise shows which budgets hold what up, and raises them.
func (d *demo) raise(ctx context.Context, halted []row) error {
	var budgets v1alpha1.BudgetList
	if err := d.client.List(ctx, &budgets, client.InNamespace(namespace)); err != nil {
		return fmt.Errorf("list the Budgets: %w", err)
	}
	d.say("\nheld     a budget is used up, and these wait without costing anything:")
	for _, r := range halted {
		d.say("         %s: %s", r.name, r.message)
	}
	for i := range budgets.Items {
		budget := budgets.Items[i].DeepCopy()
		budget.Spec.Amount = raised
		if err := d.client.Patch(ctx, budget, client.MergeFrom(&budgets.Items[i]), fieldOwner); err != nil {
			return fmt.Errorf("raise the Budget %s: %w", budget.Name, err)
		}
		d.say("$ kubectl patch budget %s --type merge -p '{\"spec\": {\"amount\": %q}}'", budget.Name, raised)
	}
	return nil
}

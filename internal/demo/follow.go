package demo

import (
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/api/v1alpha1"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/reconcile"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// look is how often the resources are looked at; the display needs no more.
const look = 250 * time.Millisecond

// row is what is shown of one resource.
type row struct {
	name, ready, reason, message string
	upToDate                     bool
}

// settled tells whether nothing more will happen to the resource by itself.
func (r row) settled() bool { return r.upToDate && r.ready != string(metav1.ConditionUnknown) }

func (r row) String() string {
	return fmt.Sprintf("%-28s %-8s %-20s %s", r.name, r.ready, r.reason, r.message)
}

// follow shows the resources until all have settled, and raises the budgets
// that hold some up once nothing else happens. The error names those that are
// not Ready.
func (d *demo) follow(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	shown := newDisplay(d.Out, d.started)
	waiting, err := d.untilSettled(ctx, shown, halted)
	if err != nil || len(waiting) == 0 {
		return err
	}
	if err := d.raise(ctx, waiting); err != nil {
		return err
	}
	shown.goOn()
	// Whoever still waits for a moment has not heard of the money yet.
	_, err = d.untilSettled(ctx, shown, func(rows []row) (_, rest []row) { return nil, rows })
	return err
}

// untilSettled shows the resources until nothing more happens by itself. split
// takes those out that may go on waiting, which are returned.
func (d *demo) untilSettled(ctx context.Context, shown *display, split func([]row) (waiting, rest []row)) (waiting []row, err error) {
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for {
		rows, err := d.rows(ctx)
		if err != nil {
			return nil, fmt.Errorf("list the resources: %w", err)
		}
		shown.show(rows)
		waiting, rest := split(rows)
		if len(rest) > 0 && !slices.ContainsFunc(rest, func(r row) bool { return !r.settled() }) {
			return waiting, verdict(rest)
		}
		select {
		case <-ticker.C:
		case err := <-d.ended:
			return nil, fmt.Errorf("a part of the demo ended: %w", err)
		case <-ctx.Done():
			return nil, fmt.Errorf("not settled after %s: %w", patience, verdict(rows))
		}
	}
}

// verdict names the resources that are not Ready.
func verdict(rows []row) error {
	var bad []string
	for _, r := range rows {
		if r.ready != string(metav1.ConditionTrue) {
			bad = append(bad, r.name+" ("+r.reason+": "+r.message+")")
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("not Ready: %s", strings.Join(bad, "; "))
}

func (d *demo) rows(ctx context.Context) ([]row, error) {
	var providers v1alpha1.ModelProviderList
	var budgets v1alpha1.BudgetList
	var problems v1alpha1.ProblemList
	var suites v1alpha1.TestSuiteList
	var jobs v1alpha1.SolutionJobList
	var submissions v1alpha1.SubmissionList
	for _, list := range []client.ObjectList{&providers, &budgets, &problems, &suites, &jobs, &submissions} {
		if err := d.client.List(ctx, list, client.InNamespace(namespace)); err != nil {
			return nil, err
		}
	}
	var rows []row
	for i := range providers.Items {
		r := show("modelprovider", &providers.Items[i], providers.Items[i].Status.ObservedGeneration)
		counted, err := d.counted(ctx, &providers.Items[i])
		if err != nil {
			return nil, err
		}
		r.upToDate = r.upToDate && counted
		rows = append(rows, r)
	}
	for i := range budgets.Items {
		rows = append(rows, show("budget", &budgets.Items[i], budgets.Items[i].Status.ObservedGeneration))
	}
	for i := range problems.Items {
		rows = append(rows, show("problem", &problems.Items[i], problems.Items[i].Status.ObservedGeneration))
	}
	for i := range suites.Items {
		rows = append(rows, show("testsuite", &suites.Items[i], suites.Items[i].Status.ObservedGeneration))
	}
	for i := range jobs.Items {
		rows = append(rows, show("solutionjob", &jobs.Items[i], jobs.Items[i].Status.ObservedGeneration))
	}
	for i := range submissions.Items {
		rows = append(rows, show("submission", &submissions.Items[i], submissions.Items[i].Status.ObservedGeneration))
	}
	return rows, nil
}

// counted tells whether a provider's status shows every call in the table; it
// follows a moment later.
func (d *demo) counted(ctx context.Context, p *v1alpha1.ModelProvider) (bool, error) {
	usage, err := d.usage(ctx, p.Name)
	return ptr.Deref(p.Status.Usage.Requests, 0) == usage.Requests, err
}

func (d *demo) usage(ctx context.Context, provider string) (store.Usage, error) {
	usage, err := d.store.Usage(ctx, ledger.ProviderAccount(namespace+"/"+provider, "USD", time.Now()))
	if err != nil {
		return usage, fmt.Errorf("read the usage of %s: %w", provider, err)
	}
	return usage, nil
}

func show(kind string, object reconcile.Object, observed int64) row {
	r := row{name: kind + "/" + object.GetName(), ready: string(metav1.ConditionUnknown), reason: "Created"}
	if ready := meta.FindStatusCondition(*object.StatusConditions(), v1alpha1.ConditionReady); ready != nil {
		r.ready, r.reason, r.message = string(ready.Status), ready.Reason, ready.Message
	}
	r.upToDate = observed == object.GetGeneration()
	return r
}

// summary prints what kubectl shows, the cost and where to look next.
func (d *demo) summary(ctx context.Context, skipped []string) error {
	const kinds = "problems,testsuites,solutionjobs,submissions,modelproviders,budgets"
	d.say("\n$ kubectl get %s", kinds)
	command := exec.CommandContext(ctx, d.kubectl(), "--kubeconfig", d.kubeconfig, "get", kinds) //nolint:gosec // our own kubectl
	output, err := command.CombinedOutput()
	if err != nil {
		return fmt.Errorf("kubectl get %s: %w: %s", kinds, err, output)
	}
	d.say("%s", strings.TrimRight(string(output), "\n"))
	if err := d.caught(ctx); err != nil {
		return err
	}
	if err := d.cost(ctx); err != nil {
		return err
	}
	for _, reason := range skipped {
		d.say("skipped  %s", reason)
	}
	d.say("page     http://%s/", d.facade)
	return nil
}

// cost adds up what the providers' rows in the table say.
func (d *demo) cost(ctx context.Context) error {
	var spent, requests int64
	for _, name := range []string{"gemini", "openai"} {
		usage, err := d.usage(ctx, name)
		if err != nil {
			return err
		}
		spent += usage.SpentNano
		requests += usage.Requests
	}
	whose := ""
	if d.model != "" {
		whose = " (the replay model's: nothing was really paid)"
	}
	d.say("\ncost     %s USD for %d paid calls%s", llm.FormatAmount(spent), requests, whose)
	return nil
}

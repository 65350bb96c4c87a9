package operator

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/algoitny/algoitny-operator/internal/controller/budget"
	"github.com/algoitny/algoitny-operator/internal/controller/modelprovider"
	"github.com/algoitny/algoitny-operator/internal/dispatch"
	"github.com/algoitny/algoitny-operator/internal/ledger"
	"github.com/algoitny/algoitny-operator/internal/llm"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// nanoPerUnit turns amounts into units of their currency, for metrics.
const nanoPerUnit = 1e9

// money is everything that paid calls go through, and who hears of them.
type money struct {
	book  *ledger.Ledger
	asker *ledger.Patient
	// spentProviders and spentBudgets name what calls have just been counted in.
	spentProviders, spentBudgets chan dispatch.Wake
}

func newMoney(mgr ctrl.Manager, c Config, resolver *modelprovider.Resolver) (*money, error) {
	counters, err := newCallCounters(c.Metrics)
	if err != nil {
		return nil, err
	}
	m := &money{spentProviders: make(chan dispatch.Wake, 1024), spentBudgets: make(chan dispatch.Wake, 1024)}
	m.book = ledger.New(c.Store, ledger.Options{
		Owner: uuid.NewString(), Log: mgr.GetLogger().WithName("ledger"), Now: c.Now,
		BatchWindow: c.BatchWindow, BatchPoll: c.BatchPoll,
		Provider: func(ctx context.Context, name string) (ledger.Provider, bool) {
			namespace, name, _ := strings.Cut(name, "/")
			resolved, outcome := resolver.Resolve(ctx, client.ObjectKey{Namespace: namespace, Name: name})
			if !outcome.IsDone() {
				return ledger.Provider{}, false
			}
			return resolved.Provider, true
		},
		Settled: func(s ledger.Settlement) {
			counters.settled(s)
			m.settled(mgr.GetClient(), resolver, s)
		},
	})
	m.asker = &ledger.Patient{Ledger: m.book, Aside: dispatch.Aside, Waiting: counters.waits, Full: m.full}
	// Like all work it is the leader's.
	if err := mgr.Add(manager.RunnableFunc(m.book.KeepSweeping)); err != nil {
		return nil, fmt.Errorf("add the sweeper of claims: %w", err)
	}
	return m, nil
}

// settled wakes the controllers of what was paid from, and has a provider
// checked again when a call was refused for what the provider is. A full
// channel means that its status is about to be read anyway.
func (m *money) settled(cached client.Reader, resolver *modelprovider.Resolver, s ledger.Settlement) {
	namespace, name, _ := strings.Cut(s.Provider, "/")
	key := client.ObjectKey{Namespace: namespace, Name: name}
	if e := llm.AsError(s.Err); e != nil && e.BlamesProvider() {
		resolver.Doubt(key)
	}
	wake(m.spentProviders, dispatch.Wake{Object: key})
	for _, w := range budget.Wakes(context.Background(), cached, namespace) {
		wake(m.spentBudgets, w)
	}
}

// full has a Budget show how many wait for it.
func (m *money) full(account store.Account) {
	if account.Kind != store.AccountBudget {
		return
	}
	namespace, name, _ := strings.Cut(account.Name, "/")
	wake(m.spentBudgets, dispatch.Wake{Object: client.ObjectKey{Namespace: namespace, Name: name}})
}

func wake(channel chan<- dispatch.Wake, w dispatch.Wake) {
	select {
	case channel <- w:
	default:
	}
}

// callCounters are the metrics of paid calls.
type callCounters struct {
	calls, tokens, cost *prometheus.CounterVec
	waiting             *prometheus.GaugeVec
}

func newCallCounters(registry prometheus.Registerer) (*callCounters, error) {
	c := &callCounters{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "algoitny_model_calls_total", Help: "Calls of models that ended, by provider, step and outcome: answered, or the reason of the failure.",
		}, []string{"provider", "step", "outcome"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "algoitny_model_tokens_total", Help: "Tokens that were paid for, by provider and kind.",
		}, []string{"provider", "kind"}),
		cost: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "algoitny_model_cost_total", Help: "What answers cost, in units of the currency, by provider, step and currency.",
		}, []string{"provider", "step", "currency"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "algoitny_questions_waiting", Help: "Questions that wait before they are sent or answered, by provider and reason.",
		}, []string{"provider", "reason"}),
	}
	for _, collector := range []prometheus.Collector{c.calls, c.tokens, c.cost, c.waiting} {
		if err := registry.Register(collector); err != nil {
			return nil, fmt.Errorf("register the counters of calls: %w", err)
		}
	}
	return c, nil
}

func (c *callCounters) settled(s ledger.Settlement) {
	outcome := "answered"
	if e := llm.AsError(s.Err); e != nil {
		outcome = string(e.Reason)
	}
	c.calls.WithLabelValues(s.Provider, s.Step, outcome).Inc()
	for kind, n := range map[string]int64{
		"prompt": s.Usage.Prompt, "cached": s.Usage.CachedPrompt, "output": s.Usage.Output, "thinking": s.Usage.Thinking,
	} {
		c.tokens.WithLabelValues(s.Provider, kind).Add(float64(n))
	}
	c.cost.WithLabelValues(s.Provider, s.Step, s.Currency).Add(float64(s.CostNano) / nanoPerUnit)
}

func (c *callCounters) waits(provider string, reason llm.Reason, more int) {
	c.waiting.WithLabelValues(provider, string(reason)).Add(float64(more))
}

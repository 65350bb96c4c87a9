package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-logr/logr"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// maxRuns bounds how often a judging is run whose results get lost. Nobody's
// program is to blame for that, and a cluster that loses three in a row needs
// a person.
const maxRuns = 3

// Logs reads what a container printed.
type Logs interface {
	// Read returns at most limit bytes from the beginning.
	Read(ctx context.Context, pod *corev1.Pod, container string, limit int64) (io.ReadCloser, error)
}

// Runner judges programs in Jobs.
type Runner struct {
	config Config
	client client.Client
	// uncached reads what is not worth a cache: events.
	uncached client.Reader
	logs     Logs
	watches  *watches
	now      func() time.Time
	log      logr.Logger
}

// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=create;delete;list;watch
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=pods/log,verbs=get
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=create
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=list
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=list;watch

// Run implements execution.Runner. Errors are *execution.Error,
// *execution.UnsupportedError, the API server's, or say what is wrong with the
// request.
func (r *Runner) Run(ctx context.Context, req execution.Request) (*problem.Report, error) {
	o, err := ofRequest(req)
	if err != nil {
		return nil, err
	}
	outcome, err := r.perform(ctx, o)
	if err != nil {
		return nil, err
	}
	return outcome.Report, nil
}

// Work implements execution.Workshop, with errors as Run's.
func (r *Runner) Work(ctx context.Context, batch execution.Batch) (*execution.BatchReport, error) {
	o, err := ofBatch(batch)
	if err != nil {
		return nil, err
	}
	outcome, err := r.perform(ctx, o)
	if err != nil {
		return nil, err
	}
	return outcome.Batch, nil
}

// perform has an order done, again where its result is lost.
func (r *Runner) perform(ctx context.Context, o order) (*parcel.Outcome, error) {
	if err := r.prepared(ctx, o.owner); err != nil {
		return nil, err
	}
	j := judgement{config: r.config, order: o}
	if err := r.supersede(ctx, o); err != nil {
		return nil, err
	}
	var ends []string
	for j.run = 1; j.run <= maxRuns; j.run++ {
		outcome, end, err := r.once(ctx, j)
		if err != nil || outcome != nil {
			return outcome, err
		}
		r.log.Info("a judging lost its result", "namespace", o.owner.Namespace, "job", j.name(), "key", o.key, "end", end)
		ends = append(ends, end)
	}
	return nil, &execution.Error{
		Class: execution.ClassStalled, Reason: execution.ReasonJudgingLost,
		Message: fmt.Sprintf("the judging was run %d times and every result was lost (%s): see to the cluster, then annotate", maxRuns, strings.Join(ends, ", ")),
	}
}

// once has one run done and returns its outcome, or how it was lost.
func (r *Runner) once(ctx context.Context, j judgement) (*parcel.Outcome, string, error) {
	job, err := r.ensure(ctx, j)
	if err != nil {
		return nil, "", err
	}
	s, err := r.await(ctx, j, job)
	switch {
	case err != nil:
		return nil, "", err
	case s.state == lost:
		return nil, s.reason, nil
	}
	outcome, err := r.read(ctx, s, j.batch)
	switch {
	case errors.Is(err, parcel.ErrDamaged):
		return nil, lostReport, nil
	case errors.Is(err, errNoLog):
		return nil, lostLog, nil
	case err != nil:
		return nil, "", err
	case outcome.Failure != nil && outcome.Failure.Reason != "":
		return nil, "", stalled(outcome.Failure)
	case outcome.Failure != nil:
		r.log.Info("the judge failed", "namespace", job.Namespace, "job", job.Name, "detail", outcome.Failure.Detail)
		return nil, lostJudgeError, nil
	}
	amend(outcome, s.pod)
	return outcome, "", nil
}

// stalled is what the judge says that only a person can change.
func stalled(f *parcel.Failure) error {
	return &execution.Error{Class: execution.ClassStalled, Reason: f.Reason, Message: f.Message, Err: errors.New(f.Detail)}
}

// await waits for a run's end, however long it is held up.
func (r *Runner) await(ctx context.Context, j judgement, job *batchv1.Job) (sight, error) {
	changed, stop := r.watches.of(client.ObjectKeyFromObject(job))
	defer stop()
	held, asked := "", r.now()
	for {
		s, err := r.look(ctx, job)
		if s.reason == lostJob && r.now().Sub(asked) < cacheSlack {
			// It was there a moment ago; the cache has not seen it yet.
			s = sight{state: waiting}
		}
		if err != nil || s.state == spoken || s.state == lost {
			return s, err
		}
		switch {
		case s.state == stuck && s.reason != held:
			held = s.reason
			j.hold(r.stuck(ctx, job, s))
		case s.state == waiting && held != "":
			held = ""
			j.hold(nil)
		}
		select {
		case <-ctx.Done():
			return sight{}, ctx.Err()
		case <-changed:
		case <-time.After(min(recheck, max(r.config.Patience.Duration/2, leastRecheck))):
		}
	}
}

// recheck is how often a judging is looked at of which nothing is heard, for
// what only time tells.
const (
	recheck      = 5 * time.Second
	leastRecheck = 100 * time.Millisecond
)

// cacheSlack is how far the cache may be behind.
const cacheSlack = 2 * time.Second

func (r *Runner) look(ctx context.Context, job *batchv1.Job) (sight, error) {
	now := &batchv1.Job{}
	err := r.client.Get(ctx, client.ObjectKeyFromObject(job), now)
	if client.IgnoreNotFound(err) != nil {
		return sight{}, fmt.Errorf("read Job %s: %w", job.Name, err)
	}
	if err != nil || now.UID != job.UID {
		return look(nil, nil, r.config, r.now()), nil
	}
	var pods corev1.PodList
	err = r.client.List(ctx, &pods, client.InNamespace(job.Namespace), client.MatchingLabels{batchv1.JobNameLabel: job.Name, LabelJudging: "true"})
	if err != nil {
		return sight{}, fmt.Errorf("find the pod of Job %s: %w", job.Name, err)
	}
	return look(now, podOf(now, pods.Items), r.config, r.now()), nil
}

// podOf is the Job's pod. One that only claims to be is not looked at: what
// its judge says would be believed.
func podOf(job *batchv1.Job, pods []corev1.Pod) *corev1.Pod {
	for i := range pods {
		for _, owner := range pods[i].OwnerReferences {
			if owner.UID == job.UID && owner.Controller != nil && *owner.Controller {
				return &pods[i]
			}
		}
	}
	return nil
}

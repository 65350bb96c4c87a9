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
	"github.com/algoitny/algoitny-operator/internal/execution/toolchain"
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
// *execution.UnsupportedError or the API server's.
func (r *Runner) Run(ctx context.Context, req execution.Request) (*problem.Report, error) {
	tools, ok := toolchain.Lookup(req.Language)
	if !ok {
		return nil, &execution.UnsupportedError{
			Language: req.Language, Message: fmt.Sprintf("the languages are %v", toolchain.Names()),
		}
	}
	packed, err := parcel.Pack(req)
	if err != nil {
		return nil, err
	}
	if err := r.prepared(ctx, req.Owner); err != nil {
		return nil, err
	}
	j := judgement{config: r.config, request: req, parcel: packed, memory: tools.Limits(req.Limits).MemoryBytes}
	if err := r.supersede(ctx, req); err != nil {
		return nil, err
	}
	var ends []string
	for j.run = 1; j.run <= maxRuns; j.run++ {
		report, end, err := r.once(ctx, j)
		if err != nil || report != nil {
			return report, err
		}
		r.log.Info("a judging lost its result", "namespace", req.Owner.Namespace, "job", j.name(), "key", req.Key, "end", end)
		ends = append(ends, end)
	}
	return nil, &execution.Error{
		Class: execution.ClassStalled, Reason: execution.ReasonJudgingLost,
		Message: fmt.Sprintf("the judging was run %d times and every result was lost (%s): see to the cluster, then annotate", maxRuns, strings.Join(ends, ", ")),
	}
}

// once has one run judged and returns its report, or how it was lost.
func (r *Runner) once(ctx context.Context, j judgement) (*problem.Report, string, error) {
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
	report, err := r.read(ctx, s)
	switch {
	case errors.Is(err, parcel.ErrDamaged):
		return nil, lostReport, nil
	case errors.Is(err, errNoLog):
		return nil, lostLog, nil
	case err != nil:
		return nil, "", err
	case report.Verdict == problem.JudgeError:
		r.log.Info("the judge failed", "namespace", job.Namespace, "job", job.Name, "detail", report.Detail)
		return nil, lostJudgeError, nil
	}
	amend(report, s.pod)
	return report, "", nil
}

// amend names the cause where only the kubelet knows it: the program's
// container was killed as a whole, its agent too, because its memory ran out.
func amend(report *problem.Report, pod *corev1.Pod) {
	status := container(pod, containerProgram)
	if !report.SandboxLost || len(report.Tests) == 0 || status == nil {
		return
	}
	if t := status.State.Terminated; t == nil || !outOfMemory(t) {
		return
	}
	last := &report.Tests[len(report.Tests)-1]
	if report.Verdict == last.Verdict && report.FirstFailure() == last {
		report.Verdict = problem.MemoryLimitExceeded
	}
	last.Verdict, last.Detail = problem.MemoryLimitExceeded, "the memory of the whole sandbox ran out"
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
			j.request.Hold(r.stuck(ctx, job, s))
		case s.state == waiting && held != "":
			held = ""
			j.request.Hold(nil)
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

package jobs

import (
	"context"
	"fmt"
	"slices"
	"strings"

	batchv1 "k8s.io/api/batch/v1"
	eventsv1 "k8s.io/api/events/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/algoitny/algoitny-operator/internal/execution"
)

// networkPolicy keeps a namespace's judging pods from the network; config/judging
// installs it.
const networkPolicy = "algoitny-judging"

// prepared refuses to run anything where programs could reach the network:
// where the policy is missing, or another one allows what it does not.
func (r *Runner) prepared(ctx context.Context, owner execution.Owner) error {
	var policies networkingv1.NetworkPolicyList
	if err := r.client.List(ctx, &policies, client.InNamespace(owner.Namespace)); err != nil {
		return fmt.Errorf("read the network policies: %w", err)
	}
	pod := labels.Set(labelsOf(r.config, owner))
	isolated := false
	for i := range policies.Items {
		policy := &policies.Items[i]
		selector, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
		if err != nil || !selector.Matches(pod) {
			continue
		}
		if len(policy.Spec.Ingress) > 0 || len(policy.Spec.Egress) > 0 {
			return notPrepared("NetworkPolicy %s opens the network to judging pods, as policies add up; let it select pods without the label %s", policy.Name, LabelJudging)
		}
		isolated = isolated || policy.Name == networkPolicy && bothWays(policy.Spec.PolicyTypes)
	}
	if isolated {
		return nil
	}
	return notPrepared("namespace %[1]s has no NetworkPolicy %[2]s that keeps judging pods from the network; kubectl apply -n %[1]s -k config/judging", owner.Namespace, networkPolicy)
}

func notPrepared(format string, args ...any) error {
	return &execution.Error{
		Class: execution.ClassRetry, Reason: execution.ReasonNamespaceNotPrepared, Message: fmt.Sprintf(format, args...),
	}
}

func bothWays(kinds []networkingv1.PolicyType) bool {
	return slices.Contains(kinds, networkingv1.PolicyTypeIngress) && slices.Contains(kinds, networkingv1.PolicyTypeEgress)
}

// ensure returns the Job of a run, which is created when it is not there. The
// Job comes first: the request's ConfigMaps belong to it, and a pod waits for
// them.
func (r *Runner) ensure(ctx context.Context, j judgement) (*batchv1.Job, error) {
	job := &batchv1.Job{}
	err := r.client.Get(ctx, client.ObjectKey{Namespace: j.owner.Namespace, Name: j.name()}, job)
	if apierrors.IsNotFound(err) {
		return r.create(ctx, j)
	}
	if err != nil {
		return nil, fmt.Errorf("find Job %s: %w", j.name(), err)
	}
	if err := ours(job, j); err != nil {
		return nil, err
	}
	if finished(job) {
		return job, nil
	}
	// The operator may have ended between the Job and its ConfigMaps.
	return job, r.createChunks(ctx, j, job)
}

func (r *Runner) create(ctx context.Context, j judgement) (*batchv1.Job, error) {
	job := j.job()
	err := r.client.Create(ctx, job)
	switch {
	case apierrors.IsAlreadyExists(err):
		return nil, &execution.Error{
			Class: execution.ClassRetry, Reason: execution.ReasonJobTaken, Err: err,
			Message: fmt.Sprintf("a Job %s is there that is not a judging of this operator; delete it", job.Name),
		}
	case apierrors.IsForbidden(err) || apierrors.IsInvalid(err):
		return nil, &execution.Error{
			Class: execution.ClassRetry, Reason: execution.ReasonJobRefused, Err: err,
			Message: "the cluster refuses the Job: " + refusal(err.Error()),
		}
	case err != nil:
		return nil, fmt.Errorf("create Job %s: %w", job.Name, err)
	}
	return job, r.createChunks(ctx, j, job)
}

func (r *Runner) createChunks(ctx context.Context, j judgement, job *batchv1.Job) error {
	for _, chunk := range j.chunks(job) {
		err := r.client.Create(ctx, chunk)
		switch {
		case err == nil || apierrors.IsAlreadyExists(err):
			// The judge checks the digest of what it is given.
		case apierrors.IsForbidden(err) || apierrors.IsInvalid(err):
			return &execution.Error{
				Class: execution.ClassRetry, Reason: execution.ReasonJobRefused, Err: err,
				Message: "the cluster refuses the ConfigMap with the tests: " + refusal(err.Error()),
			}
		default:
			return fmt.Errorf("create ConfigMap %s: %w", chunk.Name, err)
		}
	}
	return nil
}

// ours tells whether a Job is the one that would be created. Admission keeps
// others from making such Jobs; this holds where the policy is not installed.
func ours(job *batchv1.Job, j judgement) error {
	owner := metav1.GetControllerOf(job)
	if owner != nil && string(owner.UID) == j.owner.UID && job.Annotations[AnnotationKey] == j.key &&
		job.Labels[LabelJudging] == "true" {
		return nil
	}
	return &execution.Error{
		Class: execution.ClassRetry, Reason: execution.ReasonJobTaken,
		Message: fmt.Sprintf("a Job %s is there that is not a judging of this operator; delete it", job.Name),
	}
}

// stuck tells why a run waits.
func (r *Runner) stuck(ctx context.Context, job *batchv1.Job, s sight) *execution.Error {
	message := s.message
	if s.reason == execution.ReasonPodRefused {
		if note := r.refusedPod(ctx, job); note != "" {
			message = fmt.Sprintf("the cluster refuses the pod of Job %s: %s", job.Name, note)
		}
	}
	return &execution.Error{Class: execution.ClassRetry, Reason: s.reason, Message: message}
}

// refusedPod is what the Job controller says of a pod it could not create.
func (r *Runner) refusedPod(ctx context.Context, job *batchv1.Job) string {
	var events eventsv1.EventList
	err := r.uncached.List(ctx, &events, client.InNamespace(job.Namespace), client.MatchingFields{
		"regarding.kind": "Job", "regarding.name": job.Name, "reason": "FailedCreate",
	}, client.Limit(1))
	if err != nil || len(events.Items) == 0 {
		return ""
	}
	return refusal(events.Items[0].Note)
}

// refusal is the part of an API server's refusal that stays the same: neither
// the names of objects nor how much of a quota is used at the moment.
func refusal(message string) string {
	for _, prefix := range []string{" is forbidden: ", " denied request: "} {
		if _, why, ok := strings.Cut(message, prefix); ok {
			message = why
		}
	}
	why, _, _ := strings.Cut(message, ", ")
	return why
}

// supersede ends the judgings of what an owner asked for before.
func (r *Runner) supersede(ctx context.Context, o order) error {
	now := work(o.key)
	return r.delete(ctx, o.owner, func(job *batchv1.Job) bool { return work(job.Annotations[AnnotationKey]) != now })
}

// work is a key without the attempt.
func work(key string) string { return key[:max(strings.LastIndexByte(key, '/'), 0)] }

// Forget implements execution.Runner and execution.Workshop.
func (r *Runner) Forget(ctx context.Context, owner execution.Owner) error {
	return r.delete(ctx, owner, func(*batchv1.Job) bool { return true })
}

// delete removes an owner's Jobs, and their pods and ConfigMaps with them.
func (r *Runner) delete(ctx context.Context, owner execution.Owner, which func(*batchv1.Job) bool) error {
	var jobs batchv1.JobList
	err := r.client.List(ctx, &jobs, client.InNamespace(owner.Namespace), client.MatchingLabels{LabelJudging: "true", LabelOwner: owner.UID})
	if err != nil {
		return fmt.Errorf("list the judgings: %w", err)
	}
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if job.DeletionTimestamp != nil || !which(job) {
			continue
		}
		err := r.client.Delete(ctx, job, client.PropagationPolicy(metav1.DeletePropagationBackground), client.Preconditions{UID: &job.UID})
		if client.IgnoreNotFound(err) != nil && !apierrors.IsConflict(err) {
			return fmt.Errorf("delete Job %s: %w", job.Name, err)
		}
	}
	return nil
}

package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/kubernetes"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
)

// errNoLog: the pod is gone, and what its judge printed with it.
var errNoLog = errors.New("the judge's log is gone")

// A log may be complete a moment after its container's end is known.
const (
	logTries = 5
	logPause = 200 * time.Millisecond
)

// read returns the judge's report. Both must agree, the log and the
// termination message; neither can be written by a program.
func (r *Runner) read(ctx context.Context, s sight, batch bool) (*parcel.Outcome, error) {
	for try := 1; ; try++ {
		report, err := r.readOnce(ctx, s, batch)
		if err == nil || errors.Is(err, errNoLog) || try == logTries {
			return report, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(logPause):
		}
	}
}

func (r *Runner) readOnce(ctx context.Context, s sight, batch bool) (*parcel.Outcome, error) {
	log, err := r.logs.Read(ctx, s.pod, containerJudge, int64(parcel.Limit(batch))+2)
	if apierrors.IsNotFound(err) {
		return nil, errNoLog
	}
	if err != nil {
		return nil, &execution.Error{
			Class: execution.ClassRetry, Reason: execution.ReasonLogUnavailable, Err: err,
			Message: fmt.Sprintf("node %s does not hand out the judge's log; see to its kubelet", s.pod.Spec.NodeName),
		}
	}
	defer func() { _ = log.Close() }()
	outcome, _, err := parcel.Read(log, s.termination, batch)
	return outcome, err
}

// clusterLogs reads logs through the API server.
type clusterLogs struct{ kubernetes.Interface }

// Read implements Logs.
func (c clusterLogs) Read(ctx context.Context, pod *corev1.Pod, container string, limit int64) (io.ReadCloser, error) {
	return c.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{Container: container, LimitBytes: &limit}).Stream(ctx)
}

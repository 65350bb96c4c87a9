package jobs

import (
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

// What the judge says of its image is nothing: the kubelet knows it.
func TestAReportNamesTheImageWithItsDigest(t *testing.T) {
	const digest = "sha256:4bcf"
	for name, tt := range map[string]struct{ image, id, want string }{
		"containerd":                      {"registry.example/runner:v1", "registry.example/runner@" + digest, "registry.example/runner@" + digest},
		"docker":                          {"runner:v1", "docker-pullable://runner@" + digest, "runner@" + digest},
		"an image that no registry has":   {"runner:v1", digest, "runner:v1 " + digest},
		"a kubelet that has not told yet": {"runner:v1", "", "runner:v1"},
		"a pod without the container":     {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			pod := &corev1.Pod{}
			if tt.image != "" {
				pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: containerProgram, Image: tt.image, ImageID: tt.id}}
			}
			outcome := &parcel.Outcome{Report: &problem.Report{Environment: "forged"}}
			amend(outcome, pod)
			if got := outcome.Report.Environment; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

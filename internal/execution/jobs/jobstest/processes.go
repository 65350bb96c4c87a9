package jobstest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// spoken is what a judge left.
type spoken struct {
	exitCode         int32
	log, termination string
}

// processes runs the pod's containers; what they call /request is a folder of
// this machine, and so on.
func (n *Node) processes(ctx context.Context, pod *corev1.Pod) (*spoken, error) {
	folder, err := os.MkdirTemp("", "judging-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	for i := range pod.Spec.Volumes {
		if err := n.volume(ctx, folder, pod.Namespace, &pod.Spec.Volumes[i]); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithCancel(ctx)
	var agents sync.WaitGroup
	defer agents.Wait()
	defer cancel()
	for i := range pod.Spec.Containers[1:] {
		agent := n.command(ctx, folder, &pod.Spec.Containers[1+i])
		agents.Go(func() { _ = agent.Run() })
	}
	judge := n.command(ctx, folder, &pod.Spec.Containers[0])
	var log, complaints bytes.Buffer
	judge.Stdout, judge.Stderr = &log, &complaints
	err = judge.Run()
	var exited *exec.ExitError
	if err != nil && !errors.As(err, &exited) {
		return nil, err
	}
	if complaints.Len() > 0 {
		n.t.Logf("the judge complained: %s", &complaints)
	}
	termination, _ := os.ReadFile(filepath.Join(folder, "termination")) //nolint:gosec // a folder of our own
	exitCode := int32(judge.ProcessState.ExitCode())                    //nolint:gosec // a byte
	return &spoken{exitCode, log.String(), string(termination)}, nil
}

// volume makes a folder, and fills it as a kubelet does.
func (n *Node) volume(ctx context.Context, folder, namespace string, v *corev1.Volume) error {
	place := filepath.Join(folder, v.Name)
	if err := os.Mkdir(place, 0o700); err != nil || v.Projected == nil {
		return err
	}
	for _, source := range v.Projected.Sources {
		var held corev1.ConfigMap
		for {
			err := n.client.Get(ctx, client.ObjectKey{Namespace: namespace, Name: source.ConfigMap.Name}, &held)
			if err == nil {
				break
			}
			if !apierrors.IsNotFound(err) {
				return err
			}
			time.Sleep(5 * time.Millisecond)
		}
		for _, item := range source.ConfigMap.Items {
			if err := os.WriteFile(filepath.Join(place, item.Path), held.BinaryData[item.Key], 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func (n *Node) command(ctx context.Context, folder string, c *corev1.Container) *exec.Cmd {
	inside := map[string]string{c.TerminationMessagePath: filepath.Join(folder, "termination")}
	for _, mount := range c.VolumeMounts {
		inside[mount.MountPath] = filepath.Join(folder, mount.Name)
	}
	args := make([]string, len(c.Args))
	for i, arg := range c.Args {
		args[i] = arg
		for at, place := range inside {
			if arg == at || strings.HasPrefix(arg, at+"/") {
				args[i] = place + arg[len(at):]
			}
		}
	}
	command := exec.CommandContext(ctx, n.runner, args...) //nolint:gosec // the runner, as its pod says
	command.Dir = inside[c.WorkingDir]
	if command.Dir == "" {
		command.Dir = folder
	}
	command.Env = append(os.Environ(), "TMPDIR="+inside["/tmp"], "HOME="+inside["/tmp"])
	return command
}

package jobs

import (
	"fmt"
	"path"
	"strconv"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"

	"github.com/algoitny/algoitny-operator/internal/execution/judging"
)

// Where things are in the containers.
const (
	runnerPath = "/usr/local/bin/runner"
	requestDir = "/request"
	scratchDir = "/scratch"
	workDir    = "/work"
	tempDir    = "/tmp"
	// sharedMemory of its own hides the one that a pod's containers share.
	sharedMemory = "/dev/shm"
	socketsDir   = "/sockets"
	// goCache has Go's standard library compiled; hack/image-prepare.sh fills it.
	goCache = "/opt/algoitny/go-cache"
	// termination is where the kubelet takes the judge's last word from.
	termination = "/dev/termination-log"
)

// chunkKey is the one entry of a ConfigMap that carries a part of a request.
const chunkKey = "chunk"

// What the folders of an agent hold at most. They are memory, so that a full
// one is full at once and no node's disk is in danger; a container's bound on
// memory holds all of it and what runs.
const (
	workBytes   = 256 << 20
	tempBytes   = 512 << 20
	shmBytes    = 64 << 20
	agentBytes  = 128 << 20
	judgeBytes  = 256 << 20
	socketBytes = 1 << 20
	// logBytes are what the kubelet keeps of a container's output.
	logBytes = 64 << 20
)

// podSlack is what a pod may take beyond its judge's own deadline.
const podSlack = 2 * time.Minute

// lostNode is how long a pod stays on a node that does not answer.
const lostNode = 30

// judgement is one run of one judging or batch.
type judgement struct {
	config Config
	order
	run int
}

// job is what the cluster is asked for. It depends on nothing else, so that an
// operator that was restarted asks for the same.
func (j judgement) job() *batchv1.Job {
	meta := metav1.ObjectMeta{
		Namespace: j.owner.Namespace, Name: j.name(), Labels: labelsOf(j.config, j.owner),
		Annotations: map[string]string{AnnotationKey: j.key},
		OwnerReferences: []metav1.OwnerReference{{
			APIVersion: j.owner.APIVersion, Kind: j.owner.Kind,
			Name: j.owner.Name, UID: types.UID(j.owner.UID),
			Controller: ptr.To(true),
		}},
	}
	return &batchv1.Job{
		TypeMeta:   metav1.TypeMeta{APIVersion: batchv1.SchemeGroupVersion.String(), Kind: "Job"},
		ObjectMeta: meta,
		Spec: batchv1.JobSpec{
			BackoffLimit:            ptr.To[int32](0),
			TTLSecondsAfterFinished: ptr.To(int32(j.config.Keep.Seconds())),
			Template: corev1.PodTemplateSpec{
				ObjectMeta: metav1.ObjectMeta{Labels: labelsOf(j.config, j.owner)},
				Spec:       j.pod(),
			},
		},
	}
}

func (j judgement) name() string {
	return name(j.owner.Name, identity(j.config, j.order), j.run)
}

func (j judgement) pod() corev1.PodSpec {
	return corev1.PodSpec{
		RestartPolicy:                 corev1.RestartPolicyNever,
		AutomountServiceAccountToken:  ptr.To(false),
		EnableServiceLinks:            ptr.To(false),
		ShareProcessNamespace:         ptr.To(false),
		HostUsers:                     j.hostUsers(),
		ActiveDeadlineSeconds:         ptr.To(int64((j.config.Deadline.Duration + podSlack).Seconds())),
		TerminationGracePeriodSeconds: ptr.To[int64](1),
		PriorityClassName:             "algoitny-" + string(j.priority),
		RuntimeClassName:              j.config.RuntimeClassName,
		NodeSelector:                  j.config.NodeSelector,
		Tolerations:                   j.tolerations(),
		SecurityContext: &corev1.PodSecurityContext{
			RunAsNonRoot:   ptr.To(true),
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
		Containers: []corev1.Container{j.judge(), j.agent(containerProgram, 1, j.program), j.agent(containerTools, 2, j.tools)},
		Volumes:    j.volumes(),
	}
}

func (j judgement) hostUsers() *bool {
	if j.config.UserNamespaces {
		return ptr.To(false)
	}
	return nil
}

// tolerations end a judging soon on a node that is away: another can run it.
func (j judgement) tolerations() []corev1.Toleration {
	all := append([]corev1.Toleration(nil), j.config.Tolerations...)
	for _, taint := range []string{corev1.TaintNodeNotReady, corev1.TaintNodeUnreachable} {
		all = append(all, corev1.Toleration{
			Key: taint, Operator: corev1.TolerationOpExists, Effect: corev1.TaintEffectNoExecute,
			TolerationSeconds: ptr.To[int64](lostNode),
		})
	}
	return all
}

func (j judgement) judge() corev1.Container {
	c := j.container(containerJudge, 0, []string{
		"judge", "--request", requestDir, "--digest", j.parcel.Digest,
		"--program", socket(containerProgram), "--tools", socket(containerTools),
		"--scratch", scratchDir, "--termination", termination, "--deadline", j.config.Deadline.Duration.String(),
	})
	c.TerminationMessagePath = termination
	c.TerminationMessagePolicy = corev1.TerminationMessageReadFile
	c.Resources = resources("100m", judgeBytes/2, judgeBytes, judging.ScratchBytes+logBytes)
	c.VolumeMounts = []corev1.VolumeMount{
		{Name: "request", MountPath: requestDir, ReadOnly: true},
		{Name: "scratch", MountPath: scratchDir},
		{Name: "socket-" + containerProgram, MountPath: path.Dir(socket(containerProgram))},
		{Name: "socket-" + containerTools, MountPath: path.Dir(socket(containerTools))},
	}
	return c
}

// agent is a container that runs what it is told to over its socket, whose
// folder it cannot write.
func (j judgement) agent(name string, user int64, l load) corev1.Container {
	c := j.container(name, user, []string{"agent", "--socket", socket(name)})
	c.WorkingDir = workDir
	c.Env = []corev1.EnvVar{{Name: "HOME", Value: tempDir}, {Name: "TMPDIR", Value: tempDir}, {Name: "GOCACHE", Value: goCache}}
	c.Resources = l.resources()
	c.VolumeMounts = []corev1.VolumeMount{
		{Name: "socket-" + name, MountPath: path.Dir(socket(name)), ReadOnly: true},
		{Name: "work-" + name, MountPath: workDir},
		{Name: "tmp-" + name, MountPath: tempDir},
		{Name: "shm-" + name, MountPath: sharedMemory},
	}
	return c
}

func (j judgement) container(name string, user int64, args []string) corev1.Container {
	uid := firstUser(j.config, identity(j.config, j.order)) + user
	return corev1.Container{
		Name: name, Image: j.config.Image, ImagePullPolicy: j.config.ImagePullPolicy,
		Command: []string{runnerPath}, Args: args,
		SecurityContext: &corev1.SecurityContext{
			RunAsUser: &uid, RunAsGroup: &uid, RunAsNonRoot: ptr.To(true),
			Privileged: ptr.To(false), AllowPrivilegeEscalation: ptr.To(false), ReadOnlyRootFilesystem: ptr.To(true),
			Capabilities:   &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}},
			SeccompProfile: &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault},
		},
	}
}

// socket is where the judge listens for an agent.
func socket(agent string) string { return path.Join(socketsDir, agent, "agent.sock") }

func resources(cpu string, requested, memory, disk int64) corev1.ResourceRequirements {
	return corev1.ResourceRequirements{
		Requests: corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: *bytes(min(requested, memory)),
			corev1.ResourceEphemeralStorage: *bytes(logBytes),
		},
		Limits: corev1.ResourceList{
			corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: *bytes(memory),
			corev1.ResourceEphemeralStorage: *bytes(disk),
		},
	}
}

func bytes(n int64) *resource.Quantity { return resource.NewQuantity(n, resource.BinarySI) }

func (j judgement) volumes() []corev1.Volume {
	all := []corev1.Volume{
		{Name: "request", VolumeSource: corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: j.sources()}}},
		{Name: "scratch", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{SizeLimit: bytes(judging.ScratchBytes)}}},
	}
	for _, agent := range []string{containerProgram, containerTools} {
		all = append(all,
			inMemory("socket-"+agent, socketBytes), inMemory("work-"+agent, workBytes),
			inMemory("tmp-"+agent, tempBytes), inMemory("shm-"+agent, shmBytes))
	}
	return all
}

func inMemory(name string, size int64) corev1.Volume {
	return corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{
		Medium: corev1.StorageMediumMemory, SizeLimit: bytes(size),
	}}}
}

// sources put the parts of the request side by side, named 0, 1, …
func (j judgement) sources() []corev1.VolumeProjection {
	all := make([]corev1.VolumeProjection, len(j.parcel.Chunks))
	for i := range all {
		all[i].ConfigMap = &corev1.ConfigMapProjection{
			LocalObjectReference: corev1.LocalObjectReference{Name: j.chunkName(i)},
			Items:                []corev1.KeyToPath{{Key: chunkKey, Path: strconv.Itoa(i)}},
		}
	}
	return all
}

func (j judgement) chunkName(i int) string { return fmt.Sprintf("%s-%d", j.name(), i) }

// chunks are the ConfigMaps with the request. They go with their Job.
func (j judgement) chunks(job *batchv1.Job) []*corev1.ConfigMap {
	all := make([]*corev1.ConfigMap, len(j.parcel.Chunks))
	for i, chunk := range j.parcel.Chunks {
		all[i] = &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: job.Namespace, Name: j.chunkName(i), Labels: labelsOf(j.config, j.owner),
				OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(job, batchv1.SchemeGroupVersion.WithKind("Job"))},
			},
			Immutable:  ptr.To(true),
			BinaryData: map[string][]byte{chunkKey: chunk},
		}
	}
	return all
}

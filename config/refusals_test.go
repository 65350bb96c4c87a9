package config_test

import (
	"slices"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// What the policies say.
const (
	onlyTheManager   = "only the manager makes Jobs with the label algoitny.dev/judging; create a Submission instead"
	onBothOrNeither  = "the label algoitny.dev/judging must be on the Job and on its pods or on neither"
	nothingElse      = "the manager makes no Jobs but those with the label algoitny.dev/judging"
	fixedLabels      = "the algoitny.dev labels and annotations of a Job never change; delete the Job and it is made again"
	onlyTheJobs      = "only the Job controller makes pods with the label algoitny.dev/judging; create a Submission instead"
	fixedPodLabels   = "the labels that tell which judging a pod belongs to never change; use another label"
	fixedContainers  = "the containers of a judging pod never change; read its log or delete it and it is run again"
	threeContainers  = "a judging pod has the containers judge program tools and no other; keep sidecar injection away from it"
	oneImage         = "the image is not the one in ConfigMap algoitny-system/runner-image; restart the manager after a change"
	noToken          = "a judging pod gets no token; set automountServiceAccountToken to false"
	defaultAccount   = "a judging pod has the service account default"
	plainVolumes     = "the volumes of a judging pod are emptyDir and ConfigMaps and it claims no devices"
	plainEnvironment = "the environment of a judging pod comes from no Secret and no other object; write plain values"
	ownNamespaces    = "a judging pod shares no namespace with its node and no processes between its containers"
	unprivileged     = "no container of a judging pod is privileged or sees an unmasked /proc"
	noEscalation     = "every container of a judging pod needs allowPrivilegeEscalation false"
	noCapabilities   = "every container of a judging pod drops ALL capabilities and adds none"
	ownUser          = "every container of a judging pod needs runAsNonRoot and a runAsUser of its own from 1000 up"
	readOnlyRoot     = "every container of a judging pod needs readOnlyRootFilesystem true"
	confined         = "every container of a judging pod needs the seccomp profile RuntimeDefault and is not unconfined"
	bounded          = "every container of a judging pod needs limits of cpu memory and ephemeral-storage"
	once             = "a judging pod runs once and ends; set restartPolicy Never and activeDeadlineSeconds"
	ownPriority      = "a judging pod has the priority class algoitny-submission or algoitny-generation"
	noCommands       = "nobody runs commands in a judging pod; read its log with kubectl logs"
	noConnections    = "nobody connects to a judging pod; it serves nothing"
	onlyRequests     = "the manager makes no ConfigMaps but those of judgings; they are immutable and belong to a Job"
)

const (
	judging  = "algoitny.dev/judging"
	ownerUID = "algoitny.dev/owner-uid"
)

// refusal is something that is tried, and what a policy says to it.
type refusal struct {
	name, want string
	try        func(*site) error
}

func allRefusals() []refusal {
	return slices.Concat(jobRefusals, podRefusals, containmentRefusals(), otherRefusals)
}

var jobRefusals = []refusal{
	{"a judging Job made by a person", onlyTheManager, func(s *site) error { return s.dry(admin, s.job("submission")) }},
	{"a judging Job made by a CronJob", onlyTheManager, func(s *site) error {
		return s.dry("system:serviceaccount:kube-system:cronjob-controller", s.job("submission"))
	}},
	{"a Job whose pods alone are judging pods", onBothOrNeither, func(s *site) error {
		job := s.job("submission")
		delete(job.Labels, judging)
		return s.dry(managerUser, job)
	}},
	{"a judging Job whose pods lack the label", onBothOrNeither, func(s *site) error {
		job := s.job("submission")
		delete(job.Spec.Template.Labels, judging)
		return s.dry(managerUser, job)
	}},
	{"a label taken off the pods while the Job is suspended", onBothOrNeither, func(s *site) error {
		job := s.job("submission")
		job.Name, job.GenerateName, job.Spec.Suspend = "", "suspended-", new(true)
		there(s, managerUser, job)
		return change(s, admin, job, func(j *batchv1.Job) { delete(j.Spec.Template.Labels, judging) })
	}},
	{"another Job made by the manager", nothingElse, func(s *site) error { return s.dry(managerUser, s.ordinary()) }},
	{"a Job that becomes a judging", fixedLabels, func(s *site) error {
		return change(s, admin, there(s, admin, s.ordinary()), func(j *batchv1.Job) {
			j.Labels = map[string]string{judging: "true"}
			j.Spec.Template.Labels[judging] = "true"
		})
	}},
	{"a judging Job that is none any more", onBothOrNeither, func(s *site) error {
		job, _ := s.created()
		return change(s, admin, job, func(j *batchv1.Job) { j.Labels[judging] = "false" })
	}},
	{"a judging for somebody else", fixedLabels, func(s *site) error {
		job, _ := s.created()
		return change(s, admin, job, func(j *batchv1.Job) { j.Labels[ownerUID] = "another" })
	}},
	{"a judging of something else", fixedLabels, func(s *site) error {
		job, _ := s.created()
		return change(s, admin, job, func(j *batchv1.Job) { j.Annotations["algoitny.dev/judging-key"] = "another" })
	}},
}

var podRefusals = []refusal{
	{"a judging pod made by a person", onlyTheJobs, func(s *site) error { return s.dry(admin, s.pod(s.job("submission"))) }},
	{"a judging pod made by the manager", onlyTheJobs, func(s *site) error { return s.dry(managerUser, s.pod(s.job("submission"))) }},
	{"a judging pod made for a Deployment", onlyTheJobs, func(s *site) error {
		return s.dry("system:serviceaccount:kube-system:replicaset-controller", s.pod(s.job("submission")))
	}},
	{"a pod that becomes one of a judging", fixedPodLabels, func(s *site) error {
		return change(s, admin, there(s, admin, s.ordinaryPod()), func(p *corev1.Pod) { p.Labels = map[string]string{judging: "true"} })
	}},
	{"a pod that escapes its network policy", fixedPodLabels, func(s *site) error {
		_, pod := s.created()
		return change(s, admin, pod, func(p *corev1.Pod) { delete(p.Labels, judging) })
	}},
	{"a pod that is said to be another's", fixedPodLabels, func(s *site) error {
		_, pod := s.created()
		return change(s, admin, pod, func(p *corev1.Pod) { p.Labels[batchv1.JobNameLabel] = "another" })
	}},
	{"another image", fixedContainers, func(s *site) error {
		_, pod := s.created()
		return change(s, admin, pod, func(p *corev1.Pod) { p.Spec.Containers[0].Image = "foreign" })
	}},
	{"an ephemeral container", fixedContainers, func(s *site) error {
		_, pod := s.created()
		return change(s, admin, pod, func(p *corev1.Pod) {
			p.Spec.EphemeralContainers = []corev1.EphemeralContainer{{EphemeralContainerCommon: corev1.EphemeralContainerCommon{
				Name: "debugger", Image: goldenImage, TerminationMessagePolicy: corev1.TerminationMessageReadFile,
			}}}
		}, "ephemeralcontainers")
	}},
	{"more memory", fixedContainers, func(s *site) error {
		_, pod := s.created()
		return change(s, admin, pod, func(p *corev1.Pod) {
			program(&p.Spec).Resources.Limits[corev1.ResourceMemory] = resource.MustParse("8Gi")
		}, "resize")
	}},
}

// containmentRefusals are tried with a Job and with a pod: other admission may
// change a pod after the Job was admitted.
func containmentRefusals() []refusal {
	var all []refusal
	for _, e := range escapes {
		all = append(all,
			refusal{"a Job with " + e.name, e.want, func(s *site) error {
				job := s.job("submission")
				e.change(&job.Spec.Template.Spec)
				return s.dry(managerUser, job)
			}},
			refusal{"a pod with " + e.name, e.want, func(s *site) error {
				pod := s.pod(s.job("submission"))
				e.change(&pod.Spec)
				return s.dry(jobController, pod)
			}})
	}
	return all
}

// program is the container that runs what others wrote.
func program(p *corev1.PodSpec) *corev1.Container { return &p.Containers[1] }

func volume(source corev1.VolumeSource) func(*corev1.PodSpec) {
	return func(p *corev1.PodSpec) {
		p.Volumes = append(p.Volumes, corev1.Volume{Name: "added", VolumeSource: source})
	}
}

func projected(source corev1.VolumeProjection) func(*corev1.PodSpec) {
	return volume(corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{source}}})
}

var anObject = corev1.LocalObjectReference{Name: "keys"}

// escapes are changes of a judging pod, each of which one rule refuses.
var escapes = []struct {
	name, want string
	change     func(*corev1.PodSpec)
}{
	{"a sidecar", threeContainers, func(p *corev1.PodSpec) {
		sidecar := program(p).DeepCopy()
		sidecar.Name, sidecar.SecurityContext.RunAsUser = "sidecar", new(int64(5000))
		p.Containers = append(p.Containers, *sidecar)
	}},
	{"an init container", threeContainers, func(p *corev1.PodSpec) {
		first := program(p).DeepCopy()
		first.Name = "first"
		p.InitContainers = []corev1.Container{*first}
	}},
	{"no judge", threeContainers, func(p *corev1.PodSpec) { p.Containers = p.Containers[1:] }},
	{"a foreign image", oneImage, func(p *corev1.PodSpec) { program(p).Image = "foreign" }},
	{"the same image of another version", oneImage, func(p *corev1.PodSpec) { program(p).Image = goldenImage + "0" }},
	{"a token", noToken, func(p *corev1.PodSpec) { p.AutomountServiceAccountToken = new(true) }},
	{"a token where nothing is said", noToken, func(p *corev1.PodSpec) { p.AutomountServiceAccountToken = nil }},
	{"an account of its own", defaultAccount, func(p *corev1.PodSpec) { p.ServiceAccountName = "manager" }},
	{"a folder of its node", plainVolumes, volume(corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: "/"}})},
	{"a Secret", plainVolumes, volume(corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: "keys"}})},
	{"a claimed volume", plainVolumes, volume(corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "a"}})},
	{"a projected token", plainVolumes, func(p *corev1.PodSpec) {
		p.ServiceAccountName = "default"
		projected(corev1.VolumeProjection{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{Path: "token", ExpirationSeconds: new(int64(3600))}})(p)
	}},
	{"a projected Secret", plainVolumes, projected(corev1.VolumeProjection{Secret: &corev1.SecretProjection{LocalObjectReference: anObject}})},
	{"a device", plainVolumes, func(p *corev1.PodSpec) {
		p.ResourceClaims = []corev1.PodResourceClaim{{Name: "gpu", ResourceClaimName: new("gpu")}}
	}},
	{"a Secret in a variable", plainEnvironment, func(p *corev1.PodSpec) {
		program(p).Env = append(program(p).Env, corev1.EnvVar{Name: "KEY", ValueFrom: &corev1.EnvVarSource{
			SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: anObject, Key: "apiKey"},
		}})
	}},
	{"a Secret in variables", plainEnvironment, func(p *corev1.PodSpec) {
		program(p).EnvFrom = []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{LocalObjectReference: anObject}}}
	}},
	{"its node's network", ownNamespaces, func(p *corev1.PodSpec) { p.HostNetwork = true }},
	{"its node's processes", ownNamespaces, func(p *corev1.PodSpec) { p.HostPID, p.ShareProcessNamespace = true, nil }},
	{"its node's shared memory", ownNamespaces, func(p *corev1.PodSpec) { p.HostIPC = true }},
	{"processes that see each other", ownNamespaces, func(p *corev1.PodSpec) { p.ShareProcessNamespace = new(true) }},
	{"privileges", unprivileged, func(p *corev1.PodSpec) {
		// Kubernetes refuses privileges without escalation by itself.
		program(p).SecurityContext.Privileged, program(p).SecurityContext.AllowPrivilegeEscalation = new(true), nil
	}},
	{"an unmasked /proc", unprivileged, func(p *corev1.PodSpec) {
		p.HostUsers, program(p).SecurityContext.ProcMount = new(false), new(corev1.UnmaskedProcMount)
	}},
	{"programs that gain privileges", noEscalation, func(p *corev1.PodSpec) { program(p).SecurityContext.AllowPrivilegeEscalation = nil }},
	{"the default capabilities", noCapabilities, func(p *corev1.PodSpec) { program(p).SecurityContext.Capabilities = nil }},
	{"a capability", noCapabilities, func(p *corev1.PodSpec) {
		program(p).SecurityContext.Capabilities.Add = []corev1.Capability{"NET_RAW"}
	}},
	{"root", ownUser, func(p *corev1.PodSpec) { program(p).SecurityContext.RunAsUser = new(int64(0)) }},
	{"the image's user", ownUser, func(p *corev1.PodSpec) { program(p).SecurityContext.RunAsUser = nil }},
	{"the judge's user", ownUser, func(p *corev1.PodSpec) {
		program(p).SecurityContext.RunAsUser = p.Containers[0].SecurityContext.RunAsUser
	}},
	{"a user that may be root", ownUser, func(p *corev1.PodSpec) { program(p).SecurityContext.RunAsNonRoot = new(false) }},
	{"a root folder that can be written", readOnlyRoot, func(p *corev1.PodSpec) { program(p).SecurityContext.ReadOnlyRootFilesystem = nil }},
	{"every system call", confined, func(p *corev1.PodSpec) {
		program(p).SecurityContext.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}
	}},
	{"no AppArmor in a container", confined, func(p *corev1.PodSpec) {
		program(p).SecurityContext.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
	}},
	{"no AppArmor", confined, func(p *corev1.PodSpec) {
		p.SecurityContext.AppArmorProfile = &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
	}},
	{"boundless memory", bounded, func(p *corev1.PodSpec) { delete(program(p).Resources.Limits, corev1.ResourceMemory) }},
	{"no limits", bounded, func(p *corev1.PodSpec) {
		program(p).Resources = corev1.ResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}}
	}},
	{"second chances", once, func(p *corev1.PodSpec) { p.RestartPolicy = corev1.RestartPolicyOnFailure }},
	{"no end", once, func(p *corev1.PodSpec) { p.ActiveDeadlineSeconds = nil }},
	{"a priority of its own", ownPriority, func(p *corev1.PodSpec) { p.PriorityClassName = "system-node-critical" }},
	{"no priority", ownPriority, func(p *corev1.PodSpec) { p.PriorityClassName = "" }},
}

var otherRefusals = []refusal{
	{"a command in the judge's container", noCommands, func(s *site) error {
		return s.connect(s.judgingPod(), "exec", map[string]string{"container": "judge", "command": "id", "stdout": "true"})
	}},
	{"a look into the program's container", noCommands, func(s *site) error {
		return s.connect(s.judgingPod(), "attach", map[string]string{"container": "program", "stdout": "true"})
	}},
	{"a port of a judging pod", noConnections, func(s *site) error {
		return s.connect(s.judgingPod(), "portforward", map[string]string{"ports": "80"})
	}},
	{"a request to a judging pod", noConnections, func(s *site) error {
		return s.connect("http:"+s.judgingPod()+":80", "proxy", nil)
	}},
	{"a ConfigMap made by the manager", onlyRequests, func(s *site) error { return s.dry(managerUser, s.configMap()) }},
	{"a request that can be changed", onlyRequests, func(s *site) error {
		c := s.configMap()
		c.Labels = map[string]string{judging: "true"}
		c.OwnerReferences = []metav1.OwnerReference{{APIVersion: "batch/v1", Kind: "Job", Name: "a", UID: "a"}}
		return s.dry(managerUser, c)
	}},
	{"a request that belongs to no Job", onlyRequests, func(s *site) error {
		c := s.configMap()
		c.Labels, c.Immutable = map[string]string{judging: "true"}, new(true)
		return s.dry(managerUser, c)
	}},
}

package jobs

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/yaml"

	"github.com/algoitny/algoitny-operator/internal/execution"
	"github.com/algoitny/algoitny-operator/internal/execution/parcel"
	"github.com/algoitny/algoitny-operator/internal/problem"
)

var update = flag.Bool("update", false, "write the golden files anew")

// config is as it is once completed.
func config(t *testing.T, change func(*Config)) Config {
	t.Helper()
	c := Config{Image: "registry.example/runner:1"}
	change(&c)
	c, err := c.complete()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func asked() order {
	return order{
		owner: execution.Owner{
			APIVersion: "algoitny.dev/v1alpha1", Kind: "Submission", Namespace: "team", Name: "ships.first",
			UID: "8e9f5a0c-0000-4000-8000-000000000001",
		},
		key: "8e9f5a0c-0000-4000-8000-000000000001/1/judge/1", priority: execution.PrioritySubmission,
		parcel: packed("a"), program: principal(256 << 20), tools: idle(),
	}
}

func packed(chunks ...string) *parcel.Parcel {
	p := &parcel.Parcel{Digest: strings.Repeat("0a", 32)}
	for _, chunk := range chunks {
		p.Chunks = append(p.Chunks, []byte(chunk))
	}
	return p
}

func TestTheJobIsAsInTheGoldenFiles(t *testing.T) {
	plain := config(t, func(*Config) {})
	generation := asked()
	generation.priority, generation.owner.Kind = execution.PriorityGeneration, "SolutionJob"
	generation.key = "8e9f5a0c-0000-4000-8000-000000000001/3/solve/2"
	generation.parcel, generation.program = packed("a", "b", "c"), principal(2<<30)
	tests := []struct {
		name string
		j    judgement
	}{
		{"submission", judgement{plain, asked(), 1}},
		{"generation-second-run-much-memory-many-chunks", judgement{plain, generation, 2}},
		{"everything-configured", judgement{config(t, func(c *Config) {
			c.ImagePullPolicy, c.RuntimeClassName = corev1.PullNever, ptr.To("gvisor")
			c.NodeSelector = map[string]string{"algoitny.dev/pool": "judging"}
			c.Tolerations = []corev1.Toleration{{Key: "judging", Operator: corev1.TolerationOpExists}}
			c.QueueName, c.UserNamespaces = "judging", true
			c.FirstUser, c.Users = 70_000, 30
			c.Deadline, c.Keep = metav1.Duration{Duration: time.Hour}, metav1.Duration{Duration: time.Minute}
		}), asked(), 1}},
		{"submission-with-tools", judgement{plain, withTools(t), 1}},
		{"batch-with-a-checker", judgement{plain, aBatch(t), 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := yaml.Marshal(tt.j.job())
			if err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", tt.name+".yaml")
			if *update {
				if err := os.WriteFile(path, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("run with -update when this is meant:\n%s", diff)
			}
		})
	}
}

// withTools is a request whose tests are made and checked by programs.
func withTools(t *testing.T) order {
	t.Helper()
	o, err := ofRequest(execution.Request{
		Owner: asked().owner, Key: asked().key, Priority: execution.PrioritySubmission, Language: "cpp", Source: "int main() {}",
		Tools: []problem.Program{{Name: "generator", Language: "python"}},
		Make:  []execution.Step{{Name: "in", Program: "generator", Limits: problem.Limits{MemoryBytes: 2 << 30}}},
		Tests: []execution.Test{{Name: "1", Input: execution.Made("in"), Answer: execution.Text("")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.parcel = packed("a")
	return o
}

func aBatch(t *testing.T) order {
	t.Helper()
	o, err := ofBatch(execution.Batch{
		Owner: asked().owner, Key: "8e9f5a0c-0000-4000-8000-000000000001/1/suite/1", Priority: execution.PriorityGeneration,
		Programs: []problem.Program{{Name: "checker", Language: "python"}, {Name: "solution", Language: "cpp"}},
		Checker:  problem.Checker{Program: "checker", Protocol: problem.ProtocolTestlib},
		Steps:    []execution.Step{{Name: "1", Program: "solution", Answer: execution.Text("")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	o.parcel = packed("a")
	return o
}

// A suite has programs that its judgings do not need.
func TestToolsThatDoNotRunCostNothing(t *testing.T) {
	one := []execution.Test{{Name: "1", Input: execution.Text(""), Answer: execution.Text("")}}
	plain := execution.Request{Language: "cpp", Tests: one}
	suited := plain
	suited.Tools = []problem.Program{{Name: "brute force", Language: "cobol"}}
	first, err := ofRequest(plain)
	if err != nil {
		t.Fatal(err)
	}
	second, err := ofRequest(suited)
	if err != nil || second.tools != idle() || second.parcel.Digest != first.parcel.Digest {
		t.Errorf("got %+v, %v", second, err)
	}
}

func TestWhatCannotBeAskedForIsFoundOutBeforeThereIsAJob(t *testing.T) {
	one := []execution.Test{{Name: "1", Input: execution.Text(""), Answer: execution.Text("")}}
	for name, order := range map[string]func() (order, error){
		"a request without tests": func() (order, error) { return ofRequest(execution.Request{Language: "cpp"}) },
		"a language":              func() (order, error) { return ofRequest(execution.Request{Language: "cobol", Tests: one}) },
		"a tool's language": func() (order, error) {
			return ofRequest(execution.Request{
				Language: "cpp", Tests: one, Tools: []problem.Program{{Name: "a", Language: "cobol"}}, Make: []execution.Step{{Name: "1", Program: "a"}},
			})
		},
		"a batch's language": func() (order, error) {
			return ofBatch(execution.Batch{Programs: []problem.Program{{Name: "a", Language: "cobol"}}, Steps: []execution.Step{{Name: "1", Program: "a"}}})
		},
		"a step without its program": func() (order, error) {
			return ofBatch(execution.Batch{Steps: []execution.Step{{Name: "a", Program: "b"}}})
		},
	} {
		if got, err := order(); err == nil {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestNothingButSocketsIsSharedAndNoAgentCanWriteThem(t *testing.T) {
	j := judgement{config(t, func(*Config) {}), asked(), 1}
	users, mounts := map[int64]string{}, map[string][]corev1.VolumeMount{}
	spec := j.job().Spec.Template.Spec
	for _, c := range spec.Containers {
		if other := users[*c.SecurityContext.RunAsUser]; other != "" {
			t.Errorf("%s and %s have one user", c.Name, other)
		}
		users[*c.SecurityContext.RunAsUser] = c.Name
		for _, m := range c.VolumeMounts {
			mounts[m.Name] = append(mounts[m.Name], m)
		}
	}
	for name, all := range mounts {
		writers := 0
		for _, m := range all {
			if !m.ReadOnly {
				writers++
			}
		}
		switch socket := strings.HasPrefix(name, "socket-"); {
		case socket && (len(all) != 2 || writers != 1):
			t.Errorf("%s has %d mounts and %d writers", name, len(all), writers)
		case !socket && len(all) != 1:
			t.Errorf("%s has %d mounts", name, len(all))
		}
	}
	if len(mounts) != len(spec.Volumes) {
		t.Errorf("%d of %d volumes are mounted", len(mounts), len(spec.Volumes))
	}
}

func TestAJudgingHasItsOwnNameAndTheSameAfterARestart(t *testing.T) {
	base := func() judgement {
		return judgement{config(t, func(*Config) {}), asked(), 1}
	}
	names := map[string]string{base().name(): "the first"}
	for what, change := range map[string]func(*judgement){
		"another object":     func(j *judgement) { j.key = "other/1/judge/1" },
		"another generation": func(j *judgement) { j.key = "8e9f5a0c-0000-4000-8000-000000000001/2/judge/1" },
		"another attempt":    func(j *judgement) { j.key = "8e9f5a0c-0000-4000-8000-000000000001/1/judge/2" },
		"another run":        func(j *judgement) { j.run = 2 },
		"another program":    func(j *judgement) { j.parcel.Digest = strings.Repeat("0b", 32) },
		"another image":      func(j *judgement) { j.config.Image = "registry.example/runner:2" },
	} {
		j := base()
		change(&j)
		if other := names[j.name()]; other != "" {
			t.Errorf("%s has the name of %s", what, other)
		}
		names[j.name()] = what
	}
	if again := base(); names[again.name()] != "the first" {
		t.Error("the name changes by itself")
	}
}

func TestNamesAreValidWhateverTheOwnersIs(t *testing.T) {
	for _, owner := range []string{"a", "a.b", strings.Repeat("a", 253), strings.Repeat("a.", 126) + "a", strings.Repeat("a", 31) + "-b"} {
		j := judgement{config(t, func(*Config) {}), asked(), maxRuns}
		j.parcel = packed("a", "b")
		j.owner.Name = owner
		if errs := validation.IsDNS1123Label(j.chunkName(1)); len(errs) > 0 {
			t.Errorf("%s: %v", j.chunkName(1), errs)
		}
		// The Job controller adds six characters for a pod.
		if len(j.name()) > validation.DNS1123LabelMaxLength-6 {
			t.Errorf("%s is too long for pods", j.name())
		}
	}
}

func TestUsersComeFromTheRangeThreeToAJudging(t *testing.T) {
	c := config(t, func(c *Config) { c.FirstUser, c.Users = 70_000, 10 })
	seen := map[int64]bool{}
	for i := range 100 {
		first := firstUser(c, [32]byte{15: byte(i)})
		if first < 70_000 || first+2 >= 70_010 || (first-70_000)%3 != 0 {
			t.Fatalf("users from %d", first)
		}
		seen[first] = true
	}
	if len(seen) != 3 {
		t.Errorf("%d of 3 places are used", len(seen))
	}
}

func TestTheRequestGoesWithItsJob(t *testing.T) {
	j := judgement{config(t, func(*Config) {}), asked(), 1}
	j.parcel = packed("a", "b")
	job := j.job()
	job.UID = "the-job"
	sources := job.Spec.Template.Spec.Volumes[0].Projected.Sources
	for i, chunk := range j.chunks(job) {
		owner := metav1.GetControllerOf(chunk)
		if owner == nil || owner.UID != job.UID || owner.Kind != "Job" || owner.APIVersion != batchv1.SchemeGroupVersion.String() {
			t.Errorf("chunk %d belongs to %+v", i, owner)
		}
		if sources[i].ConfigMap.Name != chunk.Name || chunk.BinaryData[sources[i].ConfigMap.Items[0].Key] == nil || !*chunk.Immutable {
			t.Errorf("chunk %d is not the one that the pod mounts", i)
		}
	}
}

func TestTheConfigurationIsChecked(t *testing.T) {
	for name, tt := range map[string]struct{ raw, want string }{
		"good":             {"image: a\ndeadline: 10m\nqueueName: q\nruntimeClassName: gvisor", ""},
		"no image":         {"deadline: 10m", "image is empty"},
		"an unknown field": {"image: a\nimages: b", "images"},
		"root":             {"image: a\nfirstUser: 1", "firstUser"},
		"too many users":   {"image: a\nfirstUser: 2147483000\nusers: 1000", "firstUser"},
		"a short deadline": {"image: a\ndeadline: 1s", "deadline"},
		"no duration":      {"image: a\ndeadline: soon", "duration"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := Load([]byte(tt.raw))
			if err == nil {
				_, err = c.complete()
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

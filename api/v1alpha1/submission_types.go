package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SubmissionSpec is a person's program that is to be judged. It is judged once:
// all that decides the verdict is immutable.
type SubmissionSpec struct {
	// problemRef names the Problem that the program is meant to solve.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="problemRef is immutable: create another Submission"
	// +required
	ProblemRef LocalReference `json:"problemRef,omitzero"`
	// language of the program.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="language is immutable: create another Submission"
	// +required
	Language Language `json:"language,omitempty"`
	// source says where the program is.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="source is immutable: create another Submission"
	// +required
	Source SubmissionSource `json:"source,omitzero"`
	// stopAtFirst ends the judging at the first test that is not accepted; all
	// tests run otherwise.
	// +kubebuilder:default=false
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="stopAtFirst is immutable: create another Submission"
	// +optional
	StopAtFirst bool `json:"stopAtFirst,omitempty"` //nolint:kubeapilinter // there is no third way, and false and left out mean the same
	// ttlAfterFinished is how long the object stays once it is Ready or stalled
	// until a person acts; then it is deleted. Left out, it stays. What is kept
	// in Git should have none, or it is made and judged again.
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s')",message="ttlAfterFinished must be a time like 24h or 30m that is not negative"
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Type=string
	// +optional
	TTLAfterFinished *metav1.Duration `json:"ttlAfterFinished,omitempty"`
}

// MaxSource is how long a submitted program may be, in bytes.
const MaxSource = 65536

// SubmissionSource is one of two places.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="[has(self.inline), has(self.configMapRef)].filter(x, x).size() == 1",message="source needs exactly one of inline and configMapRef"
type SubmissionSource struct {
	// inline is the program itself.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	// +kubebuilder:validation:XValidation:rule="bytes(self).size() <= 65536",message="inline must be at most 65536 bytes"
	// +optional
	Inline string `json:"inline,omitempty"`
	// configMapRef names a ConfigMap that holds the program, of at most 65536
	// bytes. A change of it after the verdict changes nothing.
	// +optional
	ConfigMapRef *SourceReference `json:"configMapRef,omitzero"`
}

// SourceReference names a program in a ConfigMap of the same namespace.
type SourceReference struct {
	// name of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name,omitempty"`
	// key inside the ConfigMap.
	// +kubebuilder:default="source"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Key string `json:"key,omitempty"`
}

// SubmissionStatus is what became of the program.
type SubmissionStatus struct {
	// observedGeneration is the generation the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Reconciling, Stalled, ProblemReady, Judged.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// inputs is a digest of everything that went in.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Inputs string `json:"inputs,omitempty"`
	// verdict in the field's short names: AC, WA, TLE, MLE, RTE, CE, OLE; empty
	// until the program is judged.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Verdict string `json:"verdict,omitempty"`
	// passed is the number of tests that gave AC.
	// +optional
	Passed *int32 `json:"passed,omitempty"`
	// total number of tests, those that did not run included.
	// +optional
	Total *int32 `json:"total,omitempty"`
	// score is passed and total for people to read, for example 3/4.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Score string `json:"score,omitempty"`
	// firstFailure is the first test that did not give AC.
	// +optional
	FirstFailure *FailedTest `json:"firstFailure,omitzero"`
	// tests that ran, in their order.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=128
	// +optional
	Tests []JudgedTest `json:"tests,omitempty"`
	// timeMillis is the longest CPU time a test took.
	// +optional
	TimeMillis *int64 `json:"timeMillis,omitempty"`
	// timeLimitMillis is what a test was allowed, the language's factor included.
	// +optional
	TimeLimitMillis *int64 `json:"timeLimitMillis,omitempty"`
	// memoryMiB is the largest memory a test took.
	// +optional
	MemoryMiB *int64 `json:"memoryMiB,omitempty"`
	// compileLog is the beginning of the compiler's messages.
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:MinLength=1
	// +optional
	CompileLog string `json:"compileLog,omitempty"`
	// finishedAt is when the program was judged, or stalled until a person acts.
	// +optional
	FinishedAt *metav1.Time `json:"finishedAt,omitempty"`
	// judgedAgainst is the problem as it was when the program was judged; it may
	// have changed since.
	// +optional
	JudgedAgainst JudgedProblem `json:"judgedAgainst,omitzero"`
}

// JudgedTest is what became of the program on one test.
type JudgedTest struct {
	// name of the test.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Name string `json:"name,omitempty"`
	// verdict of the test.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=8
	// +required
	Verdict string `json:"verdict,omitempty"`
	// timeMillis is the CPU time.
	// +optional
	TimeMillis *int64 `json:"timeMillis,omitempty"`
	// memoryMiB is the largest resident memory.
	// +optional
	MemoryMiB *int64 `json:"memoryMiB,omitempty"`
}

// FailedTest shows a test that the program failed.
type FailedTest struct {
	// name of the test.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Name string `json:"name,omitempty"`
	// verdict of the test.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=8
	// +required
	Verdict string `json:"verdict,omitempty"`
	// detail says in words what went wrong.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +optional
	Detail string `json:"detail,omitempty"`
	// input is the beginning of what the program read; samples only.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Input string `json:"input,omitempty"`
	// expected is the beginning of what it should print; samples only.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Expected string `json:"expected,omitempty"`
	// actual is the beginning of what it printed; samples only.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +optional
	Actual string `json:"actual,omitempty"`
}

// JudgedProblem is the task that a program was judged against.
type JudgedProblem struct {
	// platform and id name the problem.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Platform string `json:"platform,omitempty"`
	// id within the platform.
	// +kubebuilder:validation:MinLength=1
	// +optional
	ID string `json:"id,omitempty"`
	// taskDigest of what was asked, samples and limits included.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TaskDigest string `json:"taskDigest,omitempty"`
	// suite is the digest of the suite that it was judged with; empty means the
	// samples.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Suite string `json:"suite,omitempty"`
}

// Submission is a person's program on its way to a verdict. A wrong program is
// a result like another: it is Ready with its verdict.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=sub,categories=algoitny
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Problem",type=string,JSONPath=`.spec.problemRef.name`
// +kubebuilder:printcolumn:name="Language",type=string,JSONPath=`.spec.language`
// +kubebuilder:printcolumn:name="Verdict",type=string,JSONPath=`.status.verdict`
// +kubebuilder:printcolumn:name="Passed",type=string,JSONPath=`.status.score`
// +kubebuilder:printcolumn:name="Time(ms)",type=integer,JSONPath=`.status.timeMillis`
// +kubebuilder:printcolumn:name="Memory(MiB)",type=integer,JSONPath=`.status.memoryMiB`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Submission struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard one.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is wanted.
	// +required
	Spec SubmissionSpec `json:"spec,omitzero"`
	// status is what is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status SubmissionStatus `json:"status,omitzero"`
}

// SubmissionList is a list of Submissions.
// +kubebuilder:object:root=true
type SubmissionList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Submission `json:"items"`
}

// StatusConditions gives the finisher access to the conditions.
func (s *Submission) StatusConditions() *[]metav1.Condition { return &s.Status.Conditions }

// SetObservedGeneration records the generation the status speaks of.
func (s *Submission) SetObservedGeneration(g int64) { s.Status.ObservedGeneration = g }

// IsJudged tells whether the verdict is known, which nothing changes any more.
func (s *Submission) IsJudged() bool { return s.Status.Verdict != "" }

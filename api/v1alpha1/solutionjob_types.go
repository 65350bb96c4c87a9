package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// SolutionJobSpec is a verified solution in one language.
type SolutionJobSpec struct {
	// problemRef names the Problem to solve.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="problemRef is immutable: create another SolutionJob"
	// +required
	ProblemRef LocalReference `json:"problemRef,omitzero"`
	// language of the solution.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="language is immutable: create another SolutionJob"
	// +required
	Language Language `json:"language,omitempty"`
	// providerRef names the ModelProvider that writes the program.
	// +kubebuilder:default={name: "openai"}
	// +optional
	ProviderRef LocalReference `json:"providerRef,omitzero"`
	// maxAttempts bounds the paid attempts.
	// +kubebuilder:default=4
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	MaxAttempts int32 `json:"maxAttempts,omitempty"`
	CallTerms   `json:",inline"`
	// deletionPolicy says what becomes of the stored solution when this
	// object is deleted.
	// +kubebuilder:default=Delete
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// Attempt is one program that the model wrote and what became of it.
type Attempt struct {
	// number counts from 1.
	// +kubebuilder:validation:Minimum=1
	// +required
	Number int32 `json:"number,omitempty"`
	// verdict in the field's short names: AC, WA, TLE, MLE, RTE, CE, OLE; empty
	// when the model gave no program.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Verdict string `json:"verdict,omitempty"`
	// passed of total tests.
	// +optional
	Passed *int32 `json:"passed,omitempty"`
	// total number of tests.
	// +optional
	Total *int32 `json:"total,omitempty"`
	// failedTest names the first test that failed.
	// +kubebuilder:validation:MinLength=1
	// +optional
	FailedTest string `json:"failedTest,omitempty"`
	// detail says in words what went wrong.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:MinLength=1
	// +optional
	Detail string `json:"detail,omitempty"`
	// tokens of all kinds.
	// +optional
	Tokens *int64 `json:"tokens,omitempty"`
	// amount is a decimal number in the provider's currency.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Amount string `json:"amount,omitempty"`
}

// SolutionJobStatus is what became of the job.
type SolutionJobStatus struct {
	// observedGeneration is the generation the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Reconciling, Stalled, ProblemReady, Verified.
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Conditions []metav1.Condition `json:"conditions,omitempty"`
	// inputs is a digest of everything that went in, so that the work is
	// repeated when that changes and not otherwise.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Inputs string `json:"inputs,omitempty"`
	// attempts in the order they were made.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +optional
	Attempts []Attempt `json:"attempts,omitempty"`
	// bestAttempt is the number of the attempt that passed most.
	// +optional
	BestAttempt *int32 `json:"bestAttempt,omitempty"`
	// verdict of the best attempt.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Verdict string `json:"verdict,omitempty"`
	// timeMillis is the longest CPU time a test took.
	// +optional
	TimeMillis *int64 `json:"timeMillis,omitempty"`
	// timeLimitMillis is what a test was allowed, the language's factor included.
	// +optional
	TimeLimitMillis *int64 `json:"timeLimitMillis,omitempty"`
	// memoryMiB is the largest memory a test took.
	// +optional
	MemoryMiB *int64 `json:"memoryMiB,omitempty"`
	// dispute is what the best program has against the suite that it was judged
	// with: it passes every sample and fails other tests by its answers alone.
	// +optional
	Dispute *Dispute `json:"dispute,omitzero"`
	// stored says where the solution is.
	// +optional
	Stored StoredSolution `json:"stored,omitzero"`
	// spending is what this object has cost.
	// +optional
	Spending Spending `json:"spending,omitzero"`
}

// StoredSolution is the address of a stored solution.
type StoredSolution struct {
	// platform and id name the problem.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Platform string `json:"platform,omitempty"`
	// id within the platform.
	// +kubebuilder:validation:MinLength=1
	// +optional
	ID string `json:"id,omitempty"`
	// name of the solution among those in its language.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Name string `json:"name,omitempty"`
	// taskDigest is what the solution was made for.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TaskDigest string `json:"taskDigest,omitempty"`
	// suite is the digest of the suite that it was judged with; empty means the
	// samples.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Suite string `json:"suite,omitempty"`
}

// Dispute is a program that disagrees with a suite.
type Dispute struct {
	// attempt that wrote the program.
	// +kubebuilder:validation:Minimum=1
	// +required
	Attempt int32 `json:"attempt,omitempty"`
	// program is a digest of its source.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Program string `json:"program,omitempty"`
	// suite is the digest of the suite that it disagrees with.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Suite string `json:"suite,omitempty"`
}

// SolutionJob is a solution on its way to being verified.
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 190",message="name must be at most 190 characters: the stored solution is named after it"
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=sj,categories=algoitny
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Problem",type=string,JSONPath=`.spec.problemRef.name`
// +kubebuilder:printcolumn:name="Language",type=string,JSONPath=`.spec.language`
// +kubebuilder:printcolumn:name="Verdict",type=string,JSONPath=`.status.verdict`
// +kubebuilder:printcolumn:name="Attempts",type=integer,JSONPath=`.status.spending.calls`
// +kubebuilder:printcolumn:name="Time(ms)",type=integer,JSONPath=`.status.timeMillis`
// +kubebuilder:printcolumn:name="Cost",type=string,JSONPath=`.status.spending.amount`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type SolutionJob struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard one.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is wanted.
	// +required
	Spec SolutionJobSpec `json:"spec,omitzero"`
	// status is what is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status SolutionJobStatus `json:"status,omitzero"`
}

// SolutionJobList is a list of SolutionJobs.
// +kubebuilder:object:root=true
type SolutionJobList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []SolutionJob `json:"items"`
}

// StatusConditions gives the finisher access to the conditions.
func (j *SolutionJob) StatusConditions() *[]metav1.Condition { return &j.Status.Conditions }

// SetObservedGeneration records the generation the status speaks of.
func (j *SolutionJob) SetObservedGeneration(g int64) { j.Status.ObservedGeneration = g }

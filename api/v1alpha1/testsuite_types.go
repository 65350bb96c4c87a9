package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// TestSuiteSpec is a suite of tests that catches wrong programs.
type TestSuiteSpec struct {
	// problemRef names the Problem that the suite is for.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="problemRef is immutable: create another TestSuite"
	// +required
	ProblemRef LocalReference `json:"problemRef,omitzero"`
	// providerRef names the ModelProvider that writes its programs.
	// +kubebuilder:default={name: "openai"}
	// +optional
	ProviderRef LocalReference `json:"providerRef,omitzero"`
	// maxAttempts bounds the paid answers for each program.
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=6
	// +optional
	MaxAttempts int32 `json:"maxAttempts,omitempty"`
	// rounds bounds the questions for tests that kill surviving mutants.
	// +kubebuilder:default=2
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +optional
	Rounds *int32 `json:"rounds,omitempty"`
	// mutants of each solution at most.
	// +kubebuilder:default=40
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=200
	// +optional
	Mutants *int32 `json:"mutants,omitempty"`
	// imported takes a suite that `algoitny import` has stored for this object.
	// Nothing is asked of a model then.
	// +optional
	Imported  ImportedSuite `json:"imported,omitzero"`
	CallTerms `json:",inline"`
	// deletionPolicy says what becomes of the stored suite when this object is
	// deleted.
	// +kubebuilder:default=Delete
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// The defaults of a TestSuite, which a Problem's template has too.
const (
	DefaultSuiteProvider       = "openai"
	DefaultSuiteAttempts int32 = 3
	DefaultSuiteRounds   int32 = 2
	DefaultSuiteMutants  int32 = 40
)

// Spec is that of the TestSuite a Problem's template makes.
func (t *SuiteTemplate) Spec(problem *Problem) TestSuiteSpec {
	spec := TestSuiteSpec{
		ProblemRef: LocalReference{Name: problem.Name}, ProviderRef: t.ProviderRef, MaxAttempts: t.MaxAttempts,
		Rounds: t.Rounds, Mutants: t.Mutants, CallTerms: problem.Spec.CallTerms, DeletionPolicy: problem.Spec.DeletionPolicy,
	}
	if spec.ProviderRef.Name == "" {
		spec.ProviderRef.Name = DefaultSuiteProvider
	}
	if spec.MaxAttempts == 0 {
		spec.MaxAttempts = DefaultSuiteAttempts
	}
	if spec.Rounds == nil {
		spec.Rounds = ptr.To(DefaultSuiteRounds)
	}
	if spec.Mutants == nil {
		spec.Mutants = ptr.To(DefaultSuiteMutants)
	}
	return spec
}

// ImportedSuite names a suite by its content.
type ImportedSuite struct {
	// digest of the stored suite, as the import prints it.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{64}$`
	// +kubebuilder:validation:MinLength=64
	// +kubebuilder:validation:MaxLength=64
	// +required
	Digest string `json:"digest,omitempty"`
}

// TestSuiteStatus is what is known of the suite.
type TestSuiteStatus struct {
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
	// stage is what is being done; empty when nothing is.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +optional
	Stage string `json:"stage,omitempty"`
	// tests is the number of tests that were kept.
	// +optional
	Tests *int32 `json:"tests,omitempty"`
	// kinds of tests with their counts.
	// +listType=map
	// +listMapKey=kind
	// +kubebuilder:validation:MaxItems=8
	// +optional
	Kinds []TestCount `json:"kinds,omitempty"`
	// checker says how outputs are compared: tokens, case, space, float or
	// program.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Checker string `json:"checker,omitempty"`
	// validator counts the inputs by which the validator was proved.
	// +optional
	Validator ProvedCases `json:"validator,omitzero"`
	// bruteForced is the number of answers that the brute force decided.
	// +optional
	BruteForced *int32 `json:"bruteForced,omitempty"`
	// solutions agree on every answer.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=8
	// +optional
	Solutions []AgreeingSolution `json:"solutions,omitempty"`
	// timeLimitMillis is the CPU time of one run, for a program in C++.
	// +optional
	TimeLimitMillis *int64 `json:"timeLimitMillis,omitempty"`
	// timeLimitMeasured says that the page states no time limit.
	// +optional
	TimeLimitMeasured bool `json:"timeLimitMeasured,omitempty"` //nolint:kubeapilinter // there is no third way, and false and left out mean the same
	// nearTheLimit says that the slowest solution comes close to the time limit.
	// +optional
	NearTheLimit bool `json:"nearTheLimit,omitempty"` //nolint:kubeapilinter // there is no third way, and false and left out mean the same
	// mutants counts the changed solutions that the tests were tried on.
	// +optional
	Mutants MutantCounts `json:"mutants,omitzero"`
	// mutationScore is the part of the mutants that the tests reject, from 0 to
	// 1; those that do the same as before do not count.
	// +kubebuilder:validation:MinLength=1
	// +optional
	MutationScore string `json:"mutationScore,omitempty"`
	// tpr is how many right programs of all are accepted, for example 2/2.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TPR string `json:"tpr,omitempty"`
	// tnr is how many wrong programs of all are rejected, for example 75/78.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TNR string `json:"tnr,omitempty"`
	// survivors describes mutants that no test rejects.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=10
	// +kubebuilder:validation:items:MaxLength=256
	// +optional
	Survivors []string `json:"survivors,omitempty"`
	// leftOut says what of the model's answers could not be used.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +kubebuilder:validation:items:MaxLength=256
	// +optional
	LeftOut []string `json:"leftOut,omitempty"`
	// digest of everything a verdict depends on.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Digest string `json:"digest,omitempty"`
	// stored says where the suite is.
	// +optional
	Stored StoredSuite `json:"stored,omitzero"`
	// disputes are the programs that disagreed and have been looked at.
	// +listType=map
	// +listMapKey=program
	// +kubebuilder:validation:MaxItems=16
	// +optional
	Disputes []HeardDispute `json:"disputes,omitempty"`
	// spending is what this object has cost.
	// +optional
	Spending Spending `json:"spending,omitzero"`
}

// TestCount counts the tests of one kind.
type TestCount struct {
	// kind of the tests.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Kind string `json:"kind,omitempty"`
	// made and valid.
	// +optional
	Made *int32 `json:"made,omitempty"`
	// kept in the smallest suite that rejects as much.
	// +optional
	Kept *int32 `json:"kept,omitempty"`
}

// ProvedCases counts the cases that a program took as it should.
type ProvedCases struct {
	// accepted were right.
	// +optional
	Accepted *int32 `json:"accepted,omitempty"`
	// rejected were wrong.
	// +optional
	Rejected *int32 `json:"rejected,omitempty"`
}

// AgreeingSolution is a program that gives every answer of the suite.
type AgreeingSolution struct {
	// name tells the solutions apart.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Name string `json:"name,omitempty"`
	// language of the solution.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Language string `json:"language,omitempty"`
	// timeMillis is the longest CPU time a test took.
	// +optional
	TimeMillis *int64 `json:"timeMillis,omitempty"`
}

// MutantCounts counts changed solutions.
type MutantCounts struct {
	// made and compiled.
	// +optional
	Made *int32 `json:"made,omitempty"`
	// killed by a test.
	// +optional
	Killed *int32 `json:"killed,omitempty"`
	// equivalent ones do the same as before, as far as small tests can tell.
	// +optional
	Equivalent *int32 `json:"equivalent,omitempty"`
	// survived every test.
	// +optional
	Survived *int32 `json:"survived,omitempty"`
}

// StoredSuite is the address of a stored suite.
type StoredSuite struct {
	// platform and id name the problem.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Platform string `json:"platform,omitempty"`
	// id within the platform.
	// +kubebuilder:validation:MinLength=1
	// +optional
	ID string `json:"id,omitempty"`
	// name of the suite among those of the problem.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Name string `json:"name,omitempty"`
	// taskDigest is what the suite was verified for.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TaskDigest string `json:"taskDigest,omitempty"`
	// version is counted up with every change.
	// +optional
	Version *int64 `json:"version,omitempty"`
}

// HeardDispute is a program that disagreed with the suite, which was made again
// with its voice.
type HeardDispute struct {
	// job is the name of the SolutionJob.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Job string `json:"job,omitempty"`
	// uid of the SolutionJob.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	UID string `json:"uid,omitempty"`
	// attempt that wrote the program.
	// +kubebuilder:validation:Minimum=1
	// +required
	Attempt int32 `json:"attempt,omitempty"`
	// program is a digest of its source.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Program string `json:"program,omitempty"`
	// digest of the suite that it disagreed with.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +required
	Digest string `json:"digest,omitempty"`
}

// MaxDisputes is how many programs are heard against a suite.
const MaxDisputes = 16

// TestSuite is a suite of tests on its way to being verified.
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 190",message="name must be at most 190 characters: the stored suite is named after it"
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=ts,categories=algoitny
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Problem",type=string,JSONPath=`.spec.problemRef.name`
// +kubebuilder:printcolumn:name="Tests",type=integer,JSONPath=`.status.tests`
// +kubebuilder:printcolumn:name="Score",type=string,JSONPath=`.status.mutationScore`
// +kubebuilder:printcolumn:name="Cost",type=string,JSONPath=`.status.spending.amount`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type TestSuite struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard one.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is wanted.
	// +required
	Spec TestSuiteSpec `json:"spec,omitzero"`
	// status is what is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status TestSuiteStatus `json:"status,omitzero"`
}

// TestSuiteList is a list of TestSuites.
// +kubebuilder:object:root=true
type TestSuiteList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []TestSuite `json:"items"`
}

// StatusConditions gives the finisher access to the conditions.
func (t *TestSuite) StatusConditions() *[]metav1.Condition { return &t.Status.Conditions }

// SetObservedGeneration records the generation the status speaks of.
func (t *TestSuite) SetObservedGeneration(g int64) { t.Status.ObservedGeneration = g }

// HasHeard tells whether nothing more will come of a program that disagrees:
// the suite was made with its voice, or so many were heard that no more are.
func (t *TestSuite) HasHeard(program string) bool {
	if len(t.Status.Disputes) >= MaxDisputes {
		return true
	}
	for i := range t.Status.Disputes {
		if t.Status.Disputes[i].Program == program {
			return true
		}
	}
	return false
}

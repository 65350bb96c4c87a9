package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ProblemSpec is a problem that is to be extracted, checked and published.
type ProblemSpec struct {
	// source says where the problem is.
	// +required
	Source ProblemSource `json:"source,omitzero"`
	// providerRef names the ModelProvider that reads the page. Inline problems
	// need none.
	// +kubebuilder:default={name: "gemini"}
	// +optional
	ProviderRef LocalReference `json:"providerRef,omitzero"`
	// difficultyRating is the judge's rating, where it is known.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5000
	// +optional
	DifficultyRating *int32 `json:"difficultyRating,omitempty"`
	// testSuite is a template: a TestSuite is kept for it, programs are judged
	// with it, and the problem is Ready only when it is verified.
	// +optional
	TestSuite *SuiteTemplate `json:"testSuite,omitempty"`
	// solutions are templates: a SolutionJob is kept for each.
	// +listType=map
	// +listMapKey=language
	// +kubebuilder:validation:MaxItems=8
	// +optional
	Solutions []SolutionTemplate `json:"solutions,omitempty"`
	// budget bounds what this problem may ever cost, its suite and solutions
	// included; left out, only the budgets of the ModelProviders and of the
	// namespace do.
	// +optional
	Budget ProblemBudget `json:"budget,omitzero"`
	// CallTerms are also those of the suite and the solutions of the templates.
	CallTerms `json:",inline"`
	// deletionPolicy says what becomes of the published problem when this
	// object is deleted.
	// +kubebuilder:default=Delete
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// ProblemSource is one of three places.
// +kubebuilder:validation:MinProperties=1
// +kubebuilder:validation:XValidation:rule="[has(self.url), has(self.inline), has(self.pageConfigMapRef)].filter(x, x).size() == 1",message="source needs exactly one of url, inline and pageConfigMapRef"
type ProblemSource struct {
	// url is the page of the problem.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https']",message="url must be an http or https URL, for example https://codeforces.com/problemset/problem/4/A"
	// +optional
	URL string `json:"url,omitempty"`
	// inline is a problem written in the manifest; it costs nothing.
	// +optional
	Inline *InlineProblem `json:"inline,omitzero"`
	// pageConfigMapRef is a saved page, for sites the operator cannot read.
	// +optional
	PageConfigMapRef *PageReference `json:"pageConfigMapRef,omitzero"`
}

// PageReference names a page saved in a ConfigMap of the same namespace.
type PageReference struct {
	// name of the ConfigMap.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name,omitempty"`
	// key inside the ConfigMap.
	// +kubebuilder:default="page.html"
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +optional
	Key string `json:"key,omitempty"`
	// url is where the page was saved from; it names the problem.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="isURL(self) && url(self).getScheme() in ['http', 'https']",message="url must be an http or https URL, for example https://codeforces.com/problemset/problem/4/A"
	// +required
	URL string `json:"url,omitempty"`
}

// InlineProblem is a problem without a page.
type InlineProblem struct {
	// platform groups problems of one origin.
	// +kubebuilder:default="inline"
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:MinLength=1
	// +optional
	Platform string `json:"platform,omitempty"`
	// id is unique within the platform.
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9][A-Za-z0-9_.-]*$`
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:MinLength=1
	// +required
	ID string `json:"id,omitempty"`
	// title of the problem.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +required
	Title string `json:"title,omitempty"`
	// description says what is to be done.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	// +required
	Description string `json:"description,omitempty"`
	// input describes what the program reads.
	// +kubebuilder:validation:MaxLength=65536
	// +kubebuilder:validation:MinLength=1
	// +optional
	Input string `json:"input,omitempty"`
	// output describes what the program prints.
	// +kubebuilder:validation:MaxLength=65536
	// +kubebuilder:validation:MinLength=1
	// +optional
	Output string `json:"output,omitempty"`
	// constraints on the input.
	// +kubebuilder:validation:MaxLength=65536
	// +kubebuilder:validation:MinLength=1
	// +optional
	Constraints string `json:"constraints,omitempty"`
	// timeLimit is the CPU time of one run, for a program in C++.
	// +kubebuilder:default="2s"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('100ms') && duration(self) <= duration('5m')",message="timeLimit must be between 100ms and 5m"
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Type=string
	// +optional
	TimeLimit *metav1.Duration `json:"timeLimit,omitempty"`
	// memoryLimitMiB bounds the memory of one run.
	// +kubebuilder:default=256
	// +kubebuilder:validation:Minimum=16
	// +kubebuilder:validation:Maximum=16384
	// +optional
	MemoryLimitMiB int32 `json:"memoryLimitMiB,omitempty"`
	// samples show what is wanted; at least one.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=128
	// +required
	Samples []InlineSample `json:"samples,omitempty"`
	// tags name the techniques.
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:items:MaxLength=64
	// +optional
	Tags []string `json:"tags,omitempty"`
}

// InlineSample is one example.
type InlineSample struct {
	// input is what the program reads; some programs read nothing.
	// +kubebuilder:validation:MaxLength=65536
	// +optional
	Input string `json:"input,omitempty"` //nolint:kubeapilinter // empty and left out mean the same
	// output is what it must print.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	// +required
	Output string `json:"output,omitempty"`
}

// Language is a name of the toolchain table.
// +kubebuilder:validation:Enum=python;cpp;go;pypy;java
type Language string

// SolutionTemplate makes a SolutionJob for the problem.
type SolutionTemplate struct {
	// language of the solution.
	// +required
	Language Language `json:"language,omitempty"`
	// providerRef names the ModelProvider that writes it.
	// +kubebuilder:default={name: "openai"}
	// +optional
	ProviderRef LocalReference `json:"providerRef,omitzero"`
	// maxAttempts bounds the paid attempts.
	// +kubebuilder:default=4
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	// +optional
	MaxAttempts int32 `json:"maxAttempts,omitempty"`
}

// SuiteTemplate makes a TestSuite for the problem, or names one that is there.
// What is left out has the defaults of a TestSuite.
// +kubebuilder:validation:XValidation:rule="!has(self.suiteRef) || [has(self.providerRef), has(self.maxAttempts), has(self.rounds), has(self.mutants)].all(x, !x)",message="suiteRef names a TestSuite that is there already; leave the other fields of testSuite out"
type SuiteTemplate struct {
	// suiteRef names a TestSuite for this problem that is there already.
	// +optional
	SuiteRef LocalReference `json:"suiteRef,omitzero"`
	// providerRef names the ModelProvider that writes its programs.
	// +optional
	ProviderRef LocalReference `json:"providerRef,omitzero"`
	// maxAttempts bounds the paid answers for each program.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=6
	// +optional
	MaxAttempts int32 `json:"maxAttempts,omitempty"`
	// rounds bounds the questions for tests that kill surviving mutants.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=5
	// +optional
	Rounds *int32 `json:"rounds,omitempty"`
	// mutants of each solution at most.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=200
	// +optional
	Mutants *int32 `json:"mutants,omitempty"`
}

// ProblemStatus is what is known of the problem.
type ProblemStatus struct {
	// observedGeneration is the generation the conditions speak of.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`
	// conditions are Ready, Reconciling, Stalled, Extracted, Published,
	// SuiteReady, Solved.
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
	// title of the problem.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Title string `json:"title,omitempty"`
	// platform and id name the problem for the frontend.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Platform string `json:"platform,omitempty"`
	// id within the platform.
	// +kubebuilder:validation:MinLength=1
	// +optional
	ID string `json:"id,omitempty"`
	// timeLimit of one run; empty where the page states none.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TimeLimit string `json:"timeLimit,omitempty"`
	// memoryLimit of one run; empty where the page states none.
	// +kubebuilder:validation:MinLength=1
	// +optional
	MemoryLimit string `json:"memoryLimit,omitempty"`
	// samples is the number of examples.
	// +optional
	Samples *int32 `json:"samples,omitempty"`
	// leftOut lists claims of the model that do not stand in the page.
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	// +optional
	LeftOut []string `json:"leftOut,omitempty"`
	// published says where the problem is stored.
	// +optional
	Published PublishedProblem `json:"published,omitzero"`
	// suite is what programs are judged with, where testSuite asks for one.
	// +optional
	Suite VerifiedSuite `json:"suite,omitzero"`
	// spending is what this object has cost.
	// +optional
	Spending Spending `json:"spending,omitzero"`
	// total is what was paid for this problem so far, its suite and solutions,
	// repeated work and lost calls included.
	// +optional
	Total Spending `json:"total,omitzero"`
}

// PublishedProblem is the address of a stored problem.
type PublishedProblem struct {
	// key is the partition key in the table.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Key string `json:"key,omitempty"`
	// version is counted up with every change.
	// +optional
	Version *int64 `json:"version,omitempty"`
	// digest of everything that is stored.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Digest string `json:"digest,omitempty"`
	// taskDigest of what a solver is asked; solutions are made for it.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TaskDigest string `json:"taskDigest,omitempty"`
}

// VerifiedSuite is the suite of a problem.
type VerifiedSuite struct {
	// name of the TestSuite.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Name string `json:"name,omitempty"`
	// storedName of the suite among those of the problem in the table.
	// +kubebuilder:validation:MinLength=1
	// +optional
	StoredName string `json:"storedName,omitempty"`
	// digest of everything a verdict depends on.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Digest string `json:"digest,omitempty"`
	// taskDigest is what the suite was verified for.
	// +kubebuilder:validation:MinLength=1
	// +optional
	TaskDigest string `json:"taskDigest,omitempty"`
	// tests is their number.
	// +optional
	Tests *int32 `json:"tests,omitempty"`
	// score is the part of the mutants that the tests reject, from 0 to 1.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Score string `json:"score,omitempty"`
}

// Problem is an algorithm problem on its way to the frontend.
// +kubebuilder:validation:XValidation:rule="self.metadata.name.size() <= 180",message="name must be at most 180 characters: SolutionJobs and stored solutions are named after it"
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=prob,categories=algoitny
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Platform",type=string,JSONPath=`.status.platform`
// +kubebuilder:printcolumn:name="ID",type=string,JSONPath=`.status.id`
// +kubebuilder:printcolumn:name="Title",type=string,JSONPath=`.status.title`
// +kubebuilder:printcolumn:name="Samples",type=integer,JSONPath=`.status.samples`
// +kubebuilder:printcolumn:name="Cost",type=string,JSONPath=`.status.spending.amount`
// +kubebuilder:printcolumn:name="Total",type=string,JSONPath=`.status.total.amount`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type Problem struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the standard one.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitempty"`

	// spec is what is wanted.
	// +required
	Spec ProblemSpec `json:"spec,omitzero"`
	// status is what is.
	// +kubebuilder:default:={"observedGeneration":-1}
	// +optional
	Status ProblemStatus `json:"status,omitzero"`
}

// ProblemList is a list of Problems.
// +kubebuilder:object:root=true
type ProblemList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Problem `json:"items"`
}

// StatusConditions gives the finisher access to the conditions.
func (p *Problem) StatusConditions() *[]metav1.Condition { return &p.Status.Conditions }

// JudgedWith is the suite that programs are judged with, and whether they can
// be: a problem without one is judged by its samples, and one that asks for a
// suite waits until there is one for the problem as it is now.
func (p *Problem) JudgedWith() (suite VerifiedSuite, known bool) {
	if p.Spec.TestSuite == nil {
		return VerifiedSuite{}, true
	}
	return p.Status.Suite, p.Status.Suite.Digest != "" && p.Status.Suite.TaskDigest == p.Status.Published.TaskDigest
}

// SetObservedGeneration records the generation the status speaks of.
func (p *Problem) SetObservedGeneration(g int64) { p.Status.ObservedGeneration = g }

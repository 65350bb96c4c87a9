package v1alpha1

// Condition types shared by all kinds. Ready is Unknown while working, True
// when reached and False together with Stalled when only a person can help.
const (
	ConditionReady       = "Ready"
	ConditionReconciling = "Reconciling"
	ConditionStalled     = "Stalled"
)

// Condition types of a Problem, one per stage.
const (
	// ConditionExtracted is True when every fact of the page is known and checked.
	ConditionExtracted = "Extracted"
	// ConditionPublished is True when the table holds the problem.
	ConditionPublished = "Published"
	// ConditionSuiteReady is True when the suite asked for is verified for the
	// problem as it is now.
	ConditionSuiteReady = "SuiteReady"
	// ConditionSolved is True when every solution asked for is verified.
	ConditionSolved = "Solved"
)

// Condition types of a TestSuite, a SolutionJob and a Submission, one per stage.
const (
	// ConditionProblemReady is True when the problem is published and, for
	// programs, the suite that it asks for is there.
	ConditionProblemReady = "ProblemReady"
	// ConditionVerified is True when a solution passed every test, and of a suite
	// when everything in it is proved.
	ConditionVerified = "Verified"
	// ConditionJudged is True when the program has a verdict, whichever it is.
	ConditionJudged = "Judged"
)

// ConditionExceeded of a Budget is True when nothing is left of it.
const ConditionExceeded = "Exceeded"

// Reasons of a Budget.
const (
	ReasonWithinBudget   = "WithinBudget"
	ReasonBudgetExceeded = "BudgetExceeded"
)

// Reasons shared by all kinds. Reasons that come from a page, a model or the
// table are named where those errors are.
const (
	ReasonSucceeded           = "Succeeded"
	ReasonProgressing         = "Progressing"
	ReasonRetrying            = "Retrying"
	ReasonProviderNotFound    = "ProviderNotFound"
	ReasonProviderNotReady    = "ProviderNotReady"
	ReasonProblemNotFound     = "ProblemNotFound"
	ReasonProblemNotReady     = "ProblemNotReady"
	ReasonDuplicateProblem    = "DuplicateProblem"
	ReasonSecretNotFound      = "SecretNotFound"
	ReasonPageNotFound        = "PageNotFound"
	ReasonSourceNotFound      = "SourceNotFound"
	ReasonAttemptsExhausted   = "AttemptsExhausted"
	ReasonSolutionsPending    = "SolutionsPending"
	ReasonSolutionStalled     = "SolutionStalled"
	ReasonSuitePending        = "SuitePending"
	ReasonSuiteStalled        = "SuiteStalled"
	ReasonSuiteNotImported    = "SuiteNotImported"
	ReasonDisagreesWithSuite  = "DisagreesWithSuite"
	ReasonInvalidSpec         = "InvalidSpec"
	ReasonLanguageUnavailable = "LanguageUnavailable"
	ReasonStoredByAnother     = "StoredByAnother"
	ReasonNameTaken           = "NameTaken"
)

// Finalizer guards what the table holds for an object.
const Finalizer = "algoitny.dev/published"

// RetryAnnotation asks for work that stalled to be done again, and for a
// Problem's page to be read again: any new value will do. What is recorded
// already is not paid for again.
const RetryAnnotation = "algoitny.dev/retry"

// DeletionPolicy says what becomes of published results when the object goes.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

// The deletion policies.
const (
	DeletionDelete DeletionPolicy = "Delete"
	DeletionRetain DeletionPolicy = "Retain"
)

// LocalReference names an object in the same namespace.
type LocalReference struct {
	// name of the object.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +required
	Name string `json:"name,omitempty"`
}

// Spending is what an object has cost since it was created.
type Spending struct {
	// calls is the number of paid calls.
	// +optional
	Calls *int32 `json:"calls,omitempty"`
	// tokens is the number of tokens of all kinds.
	// +optional
	Tokens *int64 `json:"tokens,omitempty"`
	// amount is a decimal number in the currency.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Amount string `json:"amount,omitempty"`
	// currency is an ISO 4217 code.
	// +kubebuilder:validation:MinLength=1
	// +optional
	Currency string `json:"currency,omitempty"`
}

package execution

// UnsupportedError says that this backend cannot run a language: nothing is
// wrong with the program, and no verdict is given.
type UnsupportedError struct {
	Language string
	// Message is stable and says what to install.
	Message string
}

func (e *UnsupportedError) Error() string { return "language " + e.Language + ": " + e.Message }

// Class says what helps when no judging took place.
type Class string

// The classes of errors.
const (
	// ClassRetry goes away by itself, for example a cluster without room.
	ClassRetry Class = "Retry"
	// ClassStalled needs a person.
	ClassStalled Class = "Stalled"
)

// The reasons why no judging took place, as they stand in conditions.
const (
	// ReasonTestsTooLarge: the tests do not fit into what a pod is given.
	ReasonTestsTooLarge = "TestsTooLarge"
	// ReasonNamespaceNotPrepared: the namespace lacks what keeps programs
	// from the network.
	ReasonNamespaceNotPrepared = "NamespaceNotPrepared"
	// ReasonJobTaken: a Job of that name is somebody else's.
	ReasonJobTaken = "JobTaken"
	// ReasonJobRefused and ReasonPodRefused: a quota or an admission policy
	// is against it.
	ReasonJobRefused = "JobRefused"
	ReasonPodRefused = "PodRefused"
	// ReasonQueued: Kueue has not let the Job start.
	ReasonQueued = "Queued"
	// ReasonUnschedulable: no node takes the pod.
	ReasonUnschedulable = "Unschedulable"
	// ReasonImageUnavailable: the node cannot get the image.
	ReasonImageUnavailable = "ImageUnavailable"
	// ReasonNotStarted: the kubelet cannot start the pod.
	ReasonNotStarted = "NotStarted"
	// ReasonLogUnavailable: the judge has spoken, and the node does not hand
	// out what it said.
	ReasonLogUnavailable = "LogUnavailable"
	// ReasonJudgingLost: every run ended without a result.
	ReasonJudgingLost = "JudgingLost"
	// ReasonTestNotReproduced: a test that is stored as its recipe cannot be
	// made again, or comes out as another.
	ReasonTestNotReproduced = "TestNotReproduced"
	// ReasonCheckerFailed: the program that checks outputs failed on one.
	ReasonCheckerFailed = "CheckerFailed"
)

// Error says why no judging took place. It is never the program's fault.
type Error struct {
	Class Class
	// Reason is one of those of the API's conditions.
	Reason string
	// Message is stable, without numbers that change by themselves, and says
	// what a person can do.
	Message string
	// Err is the cause, for the log; nil when there is none.
	Err error
}

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Message
	}
	return e.Message + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

package view

// Registration asks for a problem to be published.
type Registration struct {
	URL       string   `json:"problem_url" minLength:"1" maxLength:"2048" doc:"The page of one problem." example:"https://codeforces.com/problemset/problem/4/A"`
	Rating    *int32   `json:"difficulty_rating,omitempty" minimum:"0" maximum:"5000" doc:"The judge's own, where you know it."`
	Languages []string `json:"languages,omitempty" maxItems:"8" doc:"Those in which a verified solution is wanted." example:"[\"python\",\"cpp\"]"`
	Suite     bool     `json:"test_suite,omitempty" doc:"Have a test suite made, which programs are judged with. It costs more than all else."`
}

// BulkRegistration asks for many problems at once.
type BulkRegistration struct {
	URLs      []string `json:"problem_urls" minItems:"1" maxItems:"1000" doc:"Pages of one problem each."`
	Languages []string `json:"languages,omitempty" maxItems:"8" doc:"For every problem."`
	Suite     bool     `json:"test_suite,omitempty" doc:"For every problem."`
}

// SuiteRequest asks for another test suite. What is left out has the defaults
// of a TestSuite.
type SuiteRequest struct {
	MaxAttempts int32  `json:"max_attempts,omitempty" minimum:"1" maximum:"6" doc:"Paid answers for each program at most."`
	Rounds      *int32 `json:"rounds,omitempty" minimum:"0" maximum:"5" doc:"Questions for tests against surviving mutants at most."`
	Mutants     *int32 `json:"mutants,omitempty" minimum:"0" maximum:"200" doc:"Of each solution at most."`
}

// SolutionRequest asks for a verified solution.
type SolutionRequest struct {
	Language    string `json:"language" minLength:"1" maxLength:"64" example:"python"`
	MaxAttempts int32  `json:"max_attempts,omitempty" minimum:"1" maximum:"10" doc:"Paid attempts at most."`
}

// SubmissionRequest is a program that is to be judged.
type SubmissionRequest struct {
	Language    string `json:"language" minLength:"1" maxLength:"64" example:"python"`
	Code        string `json:"code" minLength:"1" maxLength:"65536" doc:"65536 bytes at most."`
	StopAtFirst bool   `json:"stop_at_first,omitempty" doc:"End at the first test that is not accepted."`
}

// Accepted names the resource that a request became. What it reports comes
// with the address of Location, and as events.
type Accepted struct {
	Platform  string `json:"platform"`
	ID        string `json:"problem_id"`
	Kind      string `json:"kind" example:"Problem"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

// BulkResults says what became of each address, in the order of the request.
type BulkResults struct {
	Registered int          `json:"registered"`
	Refused    int          `json:"refused"`
	Results    []BulkResult `json:"results"`
}

// BulkResult is what became of one address.
type BulkResult struct {
	URL      string    `json:"problem_url"`
	Status   int       `json:"status" doc:"As if it had been registered alone: 202 when it is." example:"202"`
	Location string    `json:"location,omitempty"`
	Accepted *Accepted `json:"accepted,omitempty"`
	Detail   string    `json:"detail,omitempty" doc:"Why it was refused, and what to do."`
}

// Health is whether the facade can do its work.
type Health struct {
	Status string `json:"status" enum:"ok,degraded"`
	// Detail says what does not work now.
	Detail string `json:"detail,omitempty"`
}

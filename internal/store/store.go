// Package store keeps everything the product knows in one DynamoDB table:
// problems, solutions, test suites, and the ledger of paid calls.
//
// Every write is conditional on the write it read, and carries a write id of
// its own. So a request whose answer was lost is recognised by that id when it
// is repeated, and is never applied twice.
package store

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// DefaultTable is the table's name where nothing else is said.
const DefaultTable = "algoitny_main"

// Options configure a Store.
type Options struct {
	// Table is the table's name, DefaultTable when empty.
	Table string
	// Observe hears of every request: the operation and the capacity units it
	// consumed (0 where the engine does not say). May be nil.
	Observe func(op string, units float64)
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

// Store is the repository. It is safe for concurrent use.
type Store struct {
	client *dynamodb.Client
	o      Options
	lanes  lanes
	clock  clock
}

// New returns a Store over the table.
func New(client *dynamodb.Client, o Options) *Store {
	if o.Table == "" {
		o.Table = DefaultTable
	}
	if o.Observe == nil {
		o.Observe = func(string, float64) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Store{client: client, o: o}
}

// now is the clock without a zone, so that what is read equals what was written.
func (s *Store) now() time.Time { return s.o.Now().UTC().Round(0) }

// Owner is the Kubernetes object that a stored item belongs to.
type Owner struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
}

// String names the object as people do: namespace/name.
func (o Owner) String() string {
	if o.Name == "" {
		return "another writer"
	}
	return o.Namespace + "/" + o.Name
}

// Source says where a problem was read.
type Source struct {
	URL        string `json:"url,omitempty"`
	ETag       string `json:"etag,omitempty"`
	PageDigest string `json:"pageDigest,omitempty"`
	Adapter    string `json:"adapter,omitempty"`
}

// ProblemRecord is a problem as it is stored.
type ProblemRecord struct {
	Problem    problem.Problem
	Owner      Owner
	Source     Source
	Provenance Provenance
	// Page is the page as it was fetched; what Provenance.Page says of it the
	// store sets. It may be left out where the table has the page of that digest
	// already. ProblemPage reads it; Problem leaves it out.
	Page []byte
	// OmitStatement keeps the page, the prose and the samples out of the table;
	// link, facts and digests are stored.
	OmitStatement bool
	// ContentDigest is the digest of the whole problem, kept even where its
	// statement is not. Set by the store.
	ContentDigest string
	// Version counts the writes from 1; 0 means that nothing is stored yet.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
}

// ProblemSummary is a problem in a list.
type ProblemSummary struct {
	problem.Key
	Title       string
	URL         string
	Rating      int
	Tags        []string
	Limits      problem.Limits
	SampleCount int
	// Languages are those with an accepted solution, sorted.
	Languages []string
	UpdatedAt time.Time
}

// SolutionRecord is a program as it is stored.
type SolutionRecord struct {
	Key      problem.Key
	Name     string
	Language string
	Source   string
	Verdict  problem.Verdict
	// Report is stored bounded: 200 tests, 4 KiB a text.
	Report   problem.Report
	Attempts int
	// Tried is what became of every attempt.
	Tried      []Tried
	Owner      Owner
	Provenance Provenance
	// ProblemDigest says which problem the program was judged against, and
	// SuiteDigest with which suite; empty means the samples.
	ProblemDigest string
	SuiteDigest   string
	Version       int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Tried is one attempt at a solution.
type Tried struct {
	// Verdict is empty where the answer held no program.
	Verdict problem.Verdict `json:"verdict,omitempty"`
	// TimedOut are the tests on which the program ran out of time: another
	// machine may measure otherwise.
	TimedOut []string `json:"timedOut,omitempty"`
}

// SuiteRecord is a test suite as it is stored.
type SuiteRecord struct {
	Key  problem.Key
	Name string
	// Suite is what programs are judged with.
	Suite problem.Suite
	// Report tells how it was made; the store does not look into it.
	Report json.RawMessage
	// Solutions are the programs that agree on every answer, Brute is the one
	// that decided the small tests; its source may be empty.
	Solutions []problem.Program
	Brute     problem.Program
	// Challengers are programs from elsewhere that took part.
	Challengers []problem.Program
	Owner       Owner
	Provenance  Provenance
	Version     int64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// SuiteSummary is a suite in a list.
type SuiteSummary struct {
	Name string
	// Digest is the suite's own, TaskDigest that of the problem it was made for.
	Digest     string
	TaskDigest string
	// Tests of each kind.
	Tests      map[problem.TestKind]int
	Owner      Owner
	Provenance Provenance
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// CallState is where a paid call stands.
type CallState string

// The states of a paid call.
const (
	// CallClaimed means that somebody may be sending the call now.
	CallClaimed CallState = "CLAIMED"
	// CallRecorded means that the answer is stored.
	CallRecorded CallState = "RECORDED"
	// CallReleased means that nothing was billed; it may be claimed again.
	CallReleased CallState = "RELEASED"
	// CallUnknown means that the call may have been billed and its answer is lost.
	CallUnknown CallState = "UNKNOWN"
)

// Call is one row of the ledger.
type Call struct {
	Hash  string
	State CallState
	// Owner is the process that claimed the call.
	Owner string
	// Provider is namespace/name of the ModelProvider, Model its model's name.
	Provider string
	Model    string
	// Object is kind/namespace/name of what asked, Problem what it is about.
	Object  string
	Problem string
	Step    string
	Attempt int
	// Accounts are what the call counts towards. Of a stored call they have no
	// limits.
	Accounts []Bound
	// Month is that of the claim, in UTC as 2006-01.
	Month    string
	Currency string
	Price    Price
	// ReserveNano is the worst-case cost, CostNano the real one, both in 1e-9
	// of the currency.
	ReserveNano int64
	CostNano    int64
	Tokens      Tokens
	ClaimedAt   time.Time
	// ExpiresAt is when a call without an answer counts as lost.
	ExpiresAt time.Time
	// Gate names the account at the vendor that the call was made with.
	Gate string
	// Resume is the provider's name for a call that goes on without its owner.
	Resume string
	// Batch is the mark of the batch that the call goes with.
	Batch string
	// Response is the recorded answer, of any size up to 16 MiB.
	Response []byte
	Version  int64
}

// Price is the price list that a call was reserved and settled with, in 1e-9
// of the currency for a million tokens.
type Price struct {
	// Version is a person's name for the list; may be empty.
	Version     string `json:"version,omitempty"`
	Input       int64  `json:"input"`
	CachedInput int64  `json:"cachedInput,omitempty"`
	Output      int64  `json:"output"`
	// Percent of the list that a batch costs; 0 is all of it.
	Percent int64 `json:"percent,omitempty"`
}

// CallSummary is a call in a list.
type CallSummary struct {
	Hash  string    `json:"-"`
	State CallState `json:"-"`
	// At is when the call was settled, or of a claimed one when it expires.
	At       time.Time `json:"-"`
	Provider string    `json:"provider"`
	Model    string    `json:"model,omitempty"`
	Object   string    `json:"object,omitempty"`
	Problem  string    `json:"problem,omitempty"`
	Step     string    `json:"step,omitempty"`
	Attempt  int       `json:"attempt,omitempty"`
	Currency string    `json:"currency,omitempty"`
	// CostNano is the reserve of a call that is not recorded.
	CostNano int64  `json:"cost"`
	Tokens   Tokens `json:"tokens"`
	Batch    bool   `json:"batch,omitempty"`
}

// Tokens counts what a call used. The kinds do not overlap.
type Tokens struct {
	Requests int64 `json:"requests,omitempty"`
	Prompt   int64 `json:"prompt,omitempty"`
	Cached   int64 `json:"cached,omitempty"`
	Output   int64 `json:"output,omitempty"`
	Thinking int64 `json:"thinking,omitempty"`
}

// Usage is what an account has cost, in 1e-9 of its currency.
type Usage struct {
	// CommittedNano is what is spent plus what is reserved.
	CommittedNano int64
	SpentNano     int64
	Tokens
}

// ErrNotFound means that the item is not stored.
var ErrNotFound = errors.New("store: not found")

// newWriteID names one write; as a request token it must stay below 37
// characters.
func newWriteID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}

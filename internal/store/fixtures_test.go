package store_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/embedded"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

var (
	ann = store.Owner{Namespace: "team-a", Name: "ann", UID: "uid-ann"}
	bob = store.Owner{Namespace: "team-b", Name: "bob", UID: "uid-bob"}

	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func clock() time.Time { return noon }

func problemOf(id string, owner store.Owner) store.ProblemRecord {
	return store.ProblemRecord{
		Problem: problem.Problem{
			Key: problem.Key{Platform: "codeforces", ID: id}, URL: "https://codeforces.com/problemset/problem/" + id,
			Title: "Sum of " + id, Language: "en", Limits: problem.Limits{Time: 2 * time.Second, MemoryBytes: 256 << 20},
			Samples:   []problem.Sample{{Input: "1 2\n", Output: "3\n"}, {Input: "2 2\n", Output: "4\n"}},
			Statement: problem.Statement{Description: "Add two numbers.", Input: "Two numbers.", Output: "Their sum."},
			Tags:      []string{"math", "greedy"}, Rating: 800,
		},
		Owner:      owner,
		Source:     store.Source{URL: "https://codeforces.com/problemset/problem/" + id, ETag: `"1"`, Adapter: "codeforces"},
		Provenance: store.Provenance{CallHash: "hash", PromptVersion: "v1", Provider: "openai", Tokens: 12, CostNano: 34},
	}
}

func solutionOf(k problem.Key, language, name string, verdict problem.Verdict) store.SolutionRecord {
	return store.SolutionRecord{
		Key: k, Name: name, Language: language, Source: "print(sum(map(int, input().split())))\n", Verdict: verdict,
		Report: problem.Report{
			Verdict: verdict, Passed: 1, Total: 2, Limits: problem.Limits{Time: time.Second},
			Tests: []problem.TestResult{{Name: "sample 1", Verdict: verdict, CPU: 20 * time.Millisecond, MemoryBytes: 9 << 20}},
		},
		Attempts: 2, Owner: ann, Provenance: store.Provenance{CallHash: "hash", Provider: "openai"}, ProblemDigest: "task",
	}
}

// noise is text that hardly compresses, always the same for a seed.
func noise(seed uint64, size int) string {
	random := rand.New(rand.NewPCG(seed, seed))
	raw := make([]byte, size*3/4)
	for i := range raw {
		raw[i] = byte(random.Uint32())
	}
	return base64.StdEncoding.EncodeToString(raw)
}

func put(t *testing.T, s *store.Store, rec store.ProblemRecord) int64 {
	t.Helper()
	version, err := s.PutProblem(t.Context(), rec)
	if err != nil {
		t.Fatalf("put %s: %v", rec.Problem.Key, err)
	}
	return version
}

func putSolution(t *testing.T, s *store.Store, rec store.SolutionRecord) int64 {
	t.Helper()
	version, err := s.PutSolution(t.Context(), rec)
	if err != nil {
		t.Fatalf("put %s/%s of %s: %v", rec.Language, rec.Name, rec.Key, err)
	}
	return version
}

// stored lists the sort keys of a partition as the table has them.
func stored(t *testing.T, e *storetest.Engine, table, partition string) []string {
	t.Helper()
	out, err := e.Client(t).Query(t.Context(), &dynamodb.QueryInput{
		TableName: &table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("PK = :pk"),
		ProjectionExpression:      aws.String("SK"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: partition}},
	})
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{}
	for _, it := range out.Items {
		keys = append(keys, it["SK"].(*types.AttributeValueMemberS).Value)
	}
	return keys
}

func wantConflict(t *testing.T, err error, want store.ConflictError) {
	t.Helper()
	got, ok := errors.AsType[*store.ConflictError](err)
	if !ok || *got != want {
		t.Errorf("got %v, want %+v", err, want)
	}
}

func wantReason(t *testing.T, err error, class store.Class, reason store.Reason) {
	t.Helper()
	e, ok := errors.AsType[*store.Error](err)
	if !ok || e.Class != class || e.Reason != reason {
		t.Errorf("got %v, want %s of class %s", err, reason, class)
		return
	}
	if e.Message == "" || len(e.Message) > 256 {
		t.Errorf("the message has %d characters, want 1 to 256: %q", len(e.Message), e.Message)
	}
}

// counter counts the requests by operation.
type counter struct {
	mu  sync.Mutex
	ops map[string]int
}

func (c *counter) observe(op string, _ float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ops == nil {
		c.ops = map[string]int{}
	}
	c.ops[op]++
}

// take returns the counts so far and begins anew.
func (c *counter) take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	ops := c.ops
	c.ops = map[string]int{}
	return ops
}

// wire is a bad line to an engine.
type wire struct {
	mu sync.Mutex
	// lose drops the next answers to an operation after it was applied, cut
	// the next requests before they are, and clash refuses them.
	lose, cut, clash map[string]int
}

// lostReplies are how often an answer is lost in turn: the first time the
// client repeats the request itself, the second it gives up.
var lostReplies = []int{1, attempts}

// attempts is how often the client sends one request.
const attempts = 3

func take(left map[string]int, op string) bool {
	if left[op] == 0 {
		return false
	}
	left[op]--
	return true
}

// plan tells what happens to a request.
func (w *wire) plan(op string) (lose, cut, clash bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return take(w.lose, op), take(w.cut, op), take(w.clash, op)
}

const clashed = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"clash",
"CancellationReasons":[{"Code":"TransactionConflict","Message":"clash"},{"Code":"None"}]}`

// store returns a store whose requests go over the wire to e.
func (w *wire) store(t *testing.T, e *storetest.Engine, o store.Options) *store.Store {
	t.Helper()
	line := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		_, op, _ := strings.Cut(in.Header.Get("X-Amz-Target"), ".")
		lose, cut, clash := w.plan(op)
		switch {
		case cut:
			panic(http.ErrAbortHandler)
		case clash:
			out.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(out, clashed)
			return
		}
		err := forward(out, in, e.Endpoint, lose)
		if lose || err != nil {
			panic(http.ErrAbortHandler)
		}
	}))
	t.Cleanup(line.Close)
	return store.New(impatient(e.Client(t), line.URL), o)
}

func forward(out http.ResponseWriter, in *http.Request, endpoint string, lose bool) error {
	request, err := http.NewRequestWithContext(in.Context(), in.Method, endpoint, in.Body)
	if err != nil {
		return err
	}
	request.Header = in.Header
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil || lose {
		return err
	}
	out.WriteHeader(response.StatusCode)
	_, err = out.Write(raw)
	return err
}

// impatient is client at another address, with the same tries but no waits.
func impatient(client *dynamodb.Client, endpoint string) *dynamodb.Client {
	return dynamodb.New(client.Options(), func(o *dynamodb.Options) {
		o.BaseEndpoint = &endpoint
		o.DisableValidateResponseChecksum = true
		o.Retryer = retry.NewStandard(func(so *retry.StandardOptions) {
			so.MaxAttempts = attempts
			so.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
}

func times(n int) string { return fmt.Sprintf("lost %d times", n) }

// embeddedEndpoint is an engine for what does not depend on the engine.
func embeddedEndpoint(t *testing.T) string {
	t.Helper()
	engine, err := embedded.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return engine.Endpoint
}

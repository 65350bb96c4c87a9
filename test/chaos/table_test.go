package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

const (
	tableName = "chaos"
	region    = "eu-central-1"
)

// The faults of the table.
const (
	throttled   fault = "table: throttled"
	overdrawn   fault = "table: throughput exceeded"
	tableError  fault = "table: 500"
	cutBefore   fault = "table: cut before it was applied"
	lostAnswer  fault = "table: answer lost after it was applied"
	tableSlow   fault = "table: slow"
	conflicting fault = "table: transaction conflict"
)

var (
	readFaults  = []fault{throttled, overdrawn, tableError, cutBefore, lostAnswer, tableSlow}
	writeFaults = append([]fault{conflicting, lostAnswer, lostAnswer}, readFaults...)
)

// table stands before a real engine, fails as DynamoDB may, and notes what was
// applied of the ledger.
type table struct {
	engine string
	store  *store.Store
	sky    *sky
	faults *gremlin

	mu     sync.Mutex
	writes []callWrite
	// states are those of the calls, by hash, and totals the keys that were
	// added to.
	states map[string]string
	totals map[string]bool
}

// callWrite is a write of a ledger's row that was applied.
type callWrite struct {
	callRow
	at time.Time
	// process made the request.
	process string
}

func newTable(t *testing.T, s *sky) *table {
	t.Helper()
	endpoint, stop, err := storetest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	db, err := store.NewClient(t.Context(), endpoint, region)
	if err != nil {
		t.Fatal(err)
	}
	out := &table{
		engine: endpoint, store: store.New(db, store.Options{Table: tableName}), sky: s,
		faults: newGremlin("table"), states: map[string]string{}, totals: map[string]bool{},
	}
	if err := out.store.EnsureTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out
}

func (p *table) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	drawn := p.draw(op)
	switch drawn {
	case cutBefore:
		panic(http.ErrAbortHandler)
	case tableSlow:
		time.Sleep(p.faults.between(200*time.Millisecond, 2*time.Second))
	case none, lostAnswer:
	default:
		refuse(w, drawn, op)
		return
	}
	answer, status := p.forward(r, body)
	if op == "TransactWriteItems" && status == http.StatusOK {
		p.note(processOf(r), body)
	}
	if drawn == lostAnswer {
		panic(http.ErrAbortHandler)
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = w.Write(answer)
}

func (p *table) draw(op string) fault {
	faults := readFaults
	if isWrite(op) {
		faults = writeFaults
	}
	return p.faults.strike(p.sky.now().table, faults...)
}

func isWrite(op string) bool {
	switch op {
	case "PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems":
		return true
	}
	return false
}

// forward outlives the client: what was sent to a table is applied.
func (p *table) forward(r *http.Request, body []byte) (answer []byte, status int) {
	request, err := http.NewRequestWithContext(context.WithoutCancel(r.Context()), r.Method, p.engine+r.URL.Path, bytes.NewReader(body))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	request.Header = r.Header.Clone()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err = io.ReadAll(response.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return answer, response.StatusCode
}

// credential is the access key that signed a request; each process has its own.
var credential = regexp.MustCompile(`Credential=(\w+)/`)

func processOf(r *http.Request) string {
	if found := credential.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		return found[1]
	}
	return ""
}

// note keeps the writes that move a call on. A repeat under the same token is
// answered as the first was and applies nothing; others change the state not.
func (p *table) note(process string, body []byte) {
	calls, totals := ledgerWrites(body)
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, call := range calls {
		if p.states[call.hash] != call.state {
			p.states[call.hash] = call.state
			p.writes = append(p.writes, callWrite{call, time.Now(), process})
		}
	}
	for _, key := range totals {
		p.totals[key] = true
	}
}

func (p *table) applied() []callWrite {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.writes)
}

// refuse answers as DynamoDB does.
func refuse(w http.ResponseWriter, why fault, op string) {
	status, name, extra := http.StatusBadRequest, "", ""
	switch why {
	case throttled:
		name = "ThrottlingException"
	case overdrawn:
		name = "ProvisionedThroughputExceededException"
	case tableError:
		status, name = http.StatusInternalServerError, "InternalServerError"
	case conflicting:
		name = "TransactionConflictException"
		if op == "TransactWriteItems" {
			name, extra = "TransactionCanceledException", `,"CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict","Message":"Transaction is ongoing for the item"}]`
		}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"__type":"com.amazonaws.dynamodb.v20120810#%s","message":"chaos"%s}`, name, extra)
}

// ask sends a request to the engine itself.
func (p *table) ask(ctx context.Context, op string, in map[string]any, out any) error {
	in["TableName"] = tableName
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.engine, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", "DynamoDB_20120810."+op)
	request.Header.Set("Content-Type", "application/x-amz-json-1.0")
	// Local engines want a signature and believe any.
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=local/20250101/"+region+"/dynamodb/aws4_request, SignedHeaders=host, Signature=none")
	request.Header.Set("X-Amz-Date", "20250101T000000Z")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %d %s: %w", op, response.StatusCode, answer, err)
	}
	return json.Unmarshal(answer, out)
}

// scan reads the whole table.
func (p *table) scan(ctx context.Context) ([]item, error) {
	var all []item
	in := map[string]any{"ConsistentRead": true}
	for {
		var out struct {
			Items            []item
			LastEvaluatedKey map[string]any
		}
		if err := p.ask(ctx, "Scan", in, &out); err != nil {
			return nil, err
		}
		all = append(all, out.Items...)
		if len(out.LastEvaluatedKey) == 0 {
			return all, nil
		}
		in["ExclusiveStartKey"] = out.LastEvaluatedKey
	}
}

// kept reads the totals of the providers and budgets that were claimed from.
func (p *table) kept(ctx context.Context) ([]total, error) {
	p.mu.Lock()
	keys := slices.Collect(maps.Keys(p.totals))
	p.mu.Unlock()
	var all []total
	for _, key := range keys {
		if (total{key: key}).keeper() == "" {
			continue
		}
		var out struct{ Item item }
		in := map[string]any{"ConsistentRead": true, "Key": map[string]any{"PK": map[string]any{"S": key}, "SK": map[string]any{"S": "TOTAL"}}}
		if err := p.ask(ctx, "GetItem", in, &out); err != nil {
			return nil, err
		}
		if got, ok := totalOf(out.Item); ok {
			all = append(all, got)
		}
	}
	return all, nil
}

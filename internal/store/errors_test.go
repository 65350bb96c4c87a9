package store_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// serve returns a store over a server that answers as DynamoDB does.
func serve(t *testing.T, o store.Options, handler http.HandlerFunc) *store.Store {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return store.New(impatient(dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}), server.URL), o)
}

func TestErrorsOfTheServiceAreClassed(t *testing.T) {
	const api = "com.amazonaws.dynamodb.v20120810#"
	for _, c := range []struct {
		code   string
		status int
		class  store.Class
		reason store.Reason
		// requests is how often the client sends it before it gives up.
		requests int64
	}{
		{api + "ProvisionedThroughputExceededException", 400, store.ClassWait, store.ReasonThrottled, attempts},
		{"com.amazon.coral.availability#ThrottlingException", 400, store.ClassWait, store.ReasonThrottled, attempts},
		{api + "RequestLimitExceeded", 400, store.ClassWait, store.ReasonThrottled, attempts},
		{api + "InternalServerError", 500, store.ClassRetry, store.ReasonUnavailable, attempts},
		{"ServiceUnavailable", 503, store.ClassRetry, store.ReasonUnavailable, attempts},
		{api + "ResourceNotFoundException", 400, store.ClassStalled, store.ReasonTableMissing, 1},
		{"com.amazon.coral.service#AccessDeniedException", 400, store.ClassStalled, store.ReasonAccessDenied, 1},
		{"com.amazon.coral.service#UnrecognizedClientException", 400, store.ClassStalled, store.ReasonAccessDenied, 1},
		{"com.amazon.coral.validate#ValidationException", 400, store.ClassStalled, store.ReasonRequestRejected, 1},
		{"SomethingNew", 403, store.ClassStalled, store.ReasonAccessDenied, 1},
	} {
		t.Run(c.code, func(t *testing.T) {
			var requests atomic.Int64
			s := serve(t, store.Options{}, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.WriteHeader(c.status)
				_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"request 5f1c of 2026-03-01"}`, c.code)
			})
			_, err := s.Problem(t.Context(), problem.Key{Platform: "codeforces", ID: "1A"})
			wantReason(t, err, c.class, c.reason)
			if err != nil && strings.Contains(err.Error(), "5f1c") {
				t.Errorf("the message changes with every request: %v", err)
			}
			if got := requests.Load(); got != c.requests {
				t.Errorf("%d requests, want %d", got, c.requests)
			}
		})
	}
}

func TestACancelledTransactionIsClassedByItsReasons(t *testing.T) {
	for code, want := range map[string]struct {
		class  store.Class
		reason store.Reason
	}{
		"ThrottlingError":               {store.ClassWait, store.ReasonThrottled},
		"ProvisionedThroughputExceeded": {store.ClassWait, store.ReasonThrottled},
		"ValidationError":               {store.ClassStalled, store.ReasonRequestRejected},
	} {
		t.Run(code, func(t *testing.T) {
			s := serve(t, store.Options{}, func(w http.ResponseWriter, r *http.Request) {
				if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "TransactWriteItems") {
					_, _ = io.WriteString(w, `{}`)
					return
				}
				w.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprintf(w, `{"__type":"TransactionCanceledException","CancellationReasons":[{"Code":"None"},{"Code":%q}]}`, code)
			})
			_, err := s.PutProblem(t.Context(), problemOf("1A", ann))
			wantReason(t, err, want.class, want.reason)
		})
	}
}

func TestATableOutOfReachIsTriedAgain(t *testing.T) {
	s := serve(t, store.Options{}, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	wantReason(t, s.CheckTable(t.Context()), store.ClassRetry, store.ReasonUnavailable)
}

func TestConsumedCapacityIsObserved(t *testing.T) {
	units := map[string]float64{}
	observe := func(op string, consumed float64) { units[op] += consumed }
	s := serve(t, store.Options{Observe: observe}, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), "TransactWriteItems") {
			_, _ = io.WriteString(w, `{"ConsumedCapacity":[{"TableName":"t","CapacityUnits":4},{"TableName":"t","CapacityUnits":2.5}]}`)
			return
		}
		_, _ = io.WriteString(w, `{"ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5}}`)
	})
	put(t, s, problemOf("1A", ann))
	if units["GetItem"] != 0.5 || units["TransactWriteItems"] != 6.5 {
		t.Errorf("observed %v, want 0.5 for GetItem and 6.5 for TransactWriteItems", units)
	}
}

func TestNamesThatAreNoKeysAreRefusedBeforeTheTableIsAsked(t *testing.T) {
	s := serve(t, store.Options{}, func(http.ResponseWriter, *http.Request) { t.Error("the table was asked") })
	long := strings.Repeat("x", 257)
	for name, call := range map[string]func() error{
		"empty platform": func() error { _, err := s.Problem(t.Context(), problem.Key{ID: "1A"}); return err },
		"long id": func() error {
			_, err := s.Problem(t.Context(), problem.Key{Platform: "p", ID: long})
			return err
		},
		"no text": func() error {
			return s.DeleteSolution(t.Context(), problem.Key{Platform: "p", ID: "1"}, "\xff", "n", "uid")
		},
		"long suite": func() error {
			_, err := s.Suite(t.Context(), problem.Key{Platform: "p", ID: "1"}, long)
			return err
		},
		"empty hash": func() error { return s.Abandon(t.Context(), "") },
		"no owner": func() error {
			return s.Claim(t.Context(), store.Call{Hash: "h", Provider: "p", Month: "2026-03", Accounts: []store.Bound{{Account: account("p")}}})
		},
		"no month": func() error {
			_, err := s.Usage(t.Context(), store.Account{Kind: store.AccountProvider, Name: "p"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wantReason(t, call(), store.ClassStalled, store.ReasonInvalidKey) })
	}
}

func TestTheClientOfProductionSendsLittleAndGivesUpSoon(t *testing.T) {
	client, err := store.NewClient(t.Context(), "http://127.0.0.1:1", "eu-central-1")
	if err != nil {
		t.Fatal(err)
	}
	o := client.Options()
	if got := o.Retryer.MaxAttempts(); got != attempts {
		t.Errorf("%d attempts, want %d", got, attempts)
	}
	if aws.ToString(o.BaseEndpoint) != "http://127.0.0.1:1" || o.Region != "eu-central-1" {
		t.Errorf("endpoint %v in %s", aws.ToString(o.BaseEndpoint), o.Region)
	}
}

// Package storetest gives tests real tables: on the embedded engine always,
// and on DynamoDB Local where the machine has it.
package storetest

import (
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/embedded"
)

// The environment that brings DynamoDB Local in; hack/dynamodb-local.sh
// prints the folder.
const (
	// EnvFolder names the folder that holds DynamoDBLocal.jar.
	EnvFolder = "ALGOITNY_DYNAMODB_LOCAL"
	// EnvRequire makes tests fail where the folder is missing.
	EnvRequire = "ALGOITNY_REQUIRE_DYNAMODB_LOCAL"
)

const region = "eu-central-1"

// New returns a store over an empty table of its own embedded engine, which
// ends with the test.
func New(t testing.TB) *store.Store {
	t.Helper()
	return startEmbedded(t).NewTable(t, store.Options{})
}

// Engine is where tests make tables.
type Engine struct {
	// Name tells engines apart in the names of subtests.
	Name     string
	Endpoint string
}

// Engines runs a subtest on every engine this machine has.
func Engines(t *testing.T, run func(t *testing.T, e *Engine)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { run(t, startEmbedded(t)) })
	folder := os.Getenv(EnvFolder)
	if _, err := os.Stat(filepath.Join(folder, jar)); folder == "" || err != nil { //nolint:gosec // the folder is the test runner's own
		if folder != "" || os.Getenv(EnvRequire) != "" {
			t.Errorf("%s=%q does not name a folder with %s; run hack/dynamodb-local.sh", EnvFolder, folder, jar)
		}
		return
	}
	t.Run("DynamoDB Local", func(t *testing.T) {
		endpoint, err := local()
		if err != nil {
			t.Fatal(err)
		}
		run(t, &Engine{Name: "DynamoDB Local", Endpoint: endpoint})
	})
}

func startEmbedded(t testing.TB) *Engine {
	t.Helper()
	engine, err := embedded.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(engine.Close)
	return &Engine{Name: "embedded", Endpoint: engine.Endpoint}
}

// Client returns the client that production makes.
func (e *Engine) Client(t testing.TB) *dynamodb.Client {
	t.Helper()
	client, err := store.NewClient(t.Context(), e.Endpoint, region)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Store returns a store over o.Table, whether that exists or not.
func (e *Engine) Store(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	return store.New(e.Client(t), o)
}

// NewTable returns a store over an empty table, named by o.Table or, when
// that is empty, as no other is.
func (e *Engine) NewTable(t testing.TB, o store.Options) *store.Store {
	t.Helper()
	if o.Table == "" {
		o.Table = TableName()
	}
	s := e.Store(t, o)
	if err := s.EnsureTable(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// TableName is one no other test of this run uses.
func TableName() string {
	return "test_" + time.Unix(tables.Add(1), 0).UTC().Format("150405")
}

// tables numbers the tables; local is the one DynamoDB Local of the run.
var (
	tables atomic.Int64
	local  = sync.OnceValues(startLocal)
)

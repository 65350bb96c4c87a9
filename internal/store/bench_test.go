package store_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// The figure: so many reservations by so many processes, each with as many at
// a time as a busy operator has.
const (
	benchCalls     = 1000
	benchProcesses = 5
	benchWorkers   = 8
	// The budget has room for fits of them.
	benchFits = 950
)

// envBench has the test program reserve, or update, and print how many times it
// got through: kind, endpoint, table and number.
const envBench = "ALGOITNY_BENCH_RESERVE"

// BenchmarkReservations compares reservations against one budget with plain
// conditional updates of one row, on the same engine in the same run.
func BenchmarkReservations(b *testing.B) {
	endpoint, stop, err := storetest.Start()
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	e := &storetest.Engine{Endpoint: endpoint}
	for range b.N {
		plain, _ := reserving(b, e, "plain")
		reserved, s := reserving(b, e, "claims")
		usage, err := s.Usage(b.Context(), account(provider))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(plain, "updates/s")
		b.ReportMetric(reserved, "reservations/s")
		b.ReportMetric(reserved/plain, "ratio")
		b.ReportMetric(float64(max(0, usage.CommittedNano-benchFits*reserve)), "overshoot")
	}
}

// reserving lets all processes loose on a new table and returns how many tries
// there were a second.
func reserving(b *testing.B, e *storetest.Engine, kind string) (rate float64, s *store.Store) {
	b.Helper()
	table := storetest.TableName()
	s = e.NewTable(b, store.Options{Table: table})
	var wait sync.WaitGroup
	outputs := make([]bytes.Buffer, benchProcesses)
	for i := range benchProcesses {
		child := exec.Command(os.Args[0], "-test.run", "^TestReserveInAnotherProcess$")
		child.Env = append(os.Environ(), fmt.Sprintf("%s=%s %s %s %d", envBench, kind, e.Endpoint, table, i))
		child.Stdout, child.Stderr = &outputs[i], os.Stderr
		wait.Go(func() {
			if err := child.Run(); err != nil {
				b.Errorf("process %d: %v", i, err)
			}
		})
	}
	wait.Wait()
	won, busy := 0, time.Duration(0)
	for i := range outputs {
		var n int
		var took time.Duration
		for line := range strings.Lines(outputs[i].String()) {
			if _, err := fmt.Sscanf(line, "won %d in %d", &n, &took); err == nil {
				break
			}
		}
		won, busy = won+n, max(busy, took)
	}
	if won != benchFits {
		b.Errorf("%s: %d of %d got through, %d fit", kind, won, benchCalls, benchFits)
	}
	return benchCalls / busy.Seconds(), s
}

// TestReserveInAnotherProcess is one process of the benchmark.
func TestReserveInAnotherProcess(t *testing.T) {
	words := strings.Fields(os.Getenv(envBench))
	if len(words) != 4 {
		return
	}
	e := &storetest.Engine{Endpoint: words[1]}
	number, err := strconv.Atoi(words[3])
	if err != nil {
		t.Fatal(err)
	}
	s, client := e.Store(t, store.Options{Table: words[2]}), e.Client(t)
	try := map[string]func(i int) (bool, error){
		"claims": func(i int) (bool, error) { return claimOne(t, s, fmt.Sprintf("%d-%d", number, i)) },
		"plain":  func(int) (bool, error) { return updateOne(t, client, words[2]) },
	}[words[0]]
	var wait sync.WaitGroup
	var mu sync.Mutex
	won, next := 0, 0
	start := time.Now()
	for range benchWorkers {
		wait.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= benchCalls/benchProcesses {
					return
				}
				ok, err := try(i)
				if err != nil {
					t.Error(err)
				}
				if ok {
					mu.Lock()
					won++
					mu.Unlock()
				}
			}
		})
	}
	wait.Wait()
	fmt.Printf("won %d in %d\n", won, time.Since(start))
}

func claimOne(t *testing.T, s *store.Store, hash string) (bool, error) {
	err := s.Claim(t.Context(), bounded(callOf(hash, "bench"), benchFits*reserve))
	if _, over := errors.AsType[*store.BudgetExceededError](err); over {
		return false, nil
	}
	return err == nil, err
}

// updateOne is the least that keeps a sum within a bound.
func updateOne(t *testing.T, client *dynamodb.Client, table string) (bool, error) {
	update, within := "ADD Committed :reserve", "attribute_not_exists(Committed) OR Committed <= :room"
	_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &table, UpdateExpression: &update, ConditionExpression: &within,
		Key: map[string]types.AttributeValue{"PK": &types.AttributeValueMemberS{Value: "sum"}, "SK": &types.AttributeValueMemberS{Value: "sum"}},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":reserve": &types.AttributeValueMemberN{Value: fmt.Sprint(reserve)},
			":room":    &types.AttributeValueMemberN{Value: fmt.Sprint((benchFits - 1) * reserve)},
		},
	})
	if _, over := errors.AsType[*types.ConditionalCheckFailedException](err); over {
		return false, nil
	}
	return err == nil, err
}

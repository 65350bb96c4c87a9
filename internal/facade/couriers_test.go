package facade

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// TestAClientThatDoesNotReadHoldsNobodyUp has more clients that never read than
// there are couriers, and one that does.
func TestAClientThatDoesNotReadHoldsNobodyUp(t *testing.T) {
	table := storetest.New(t)
	changes := catalogue.New(catalogue.Options{Table: table, Reload: 10 * time.Millisecond, Log: logr.Discard()})
	c := newCouriers()
	ctx, cancel := context.WithCancel(t.Context())
	catalogued, carried := make(chan error, 1), make(chan struct{})
	go func() { catalogued <- changes.Run(ctx) }()
	go func() {
		defer close(carried)
		c.run(ctx, time.Hour, nil)
	}()
	left := atomic.Int32{}
	join := func() net.Conn {
		// What is written to a pipe waits until it is read.
		server, client := net.Pipe()
		_, s := changes.Subscribe(nil, func(*catalogue.Change) bool { return true })
		c.add(&listener{conn: server, subscription: s, left: func() { left.Add(1) }, first: []byte("first\n")})
		return client
	}
	for range 3 * atWork {
		join()
	}
	heard := bufio.NewScanner(join())
	for i := range 5 {
		_, err := table.PutProblem(t.Context(), store.ProblemRecord{
			Problem: problem.Problem{Key: problem.Key{Platform: "cses", ID: fmt.Sprint(i)}, Title: "Sum"}, Owner: store.Owner{UID: "uid"},
		})
		if err != nil {
			t.Fatal(err)
		}
		for heard.Scan() && !strings.Contains(heard.Text(), fmt.Sprintf(`"problem_id":"%d"`, i)) {
			continue
		}
		if heard.Err() != nil {
			t.Fatal(heard.Err())
		}
	}
	cancel()
	<-carried
	if err := <-catalogued; err != nil {
		t.Error(err)
	}
	if n := left.Load(); n != 3*atWork+1 {
		t.Errorf("%d streams have ended, want all", n)
	}
}

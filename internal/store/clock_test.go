package store_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

// elsewhen is an engine whose clock is set otherwise, and which takes its time.
type elsewhen struct{ ahead, takes time.Duration }

func (e elsewhen) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		answer.Header.Set("Date", time.Now().Add(e.ahead).UTC().Format(http.TimeFormat))
		time.Sleep(e.takes)
	}
	return answer, err
}

func TestReplicasTakeTheTimeFromTheTable(t *testing.T) {
	for name, c := range map[string]struct {
		engine elsewhen
		want   time.Duration
	}{
		"the clocks agree":         {elsewhen{ahead: time.Second}, 0},
		"ours is behind":           {elsewhen{ahead: 3 * time.Hour}, 3 * time.Hour},
		"ours is ahead":            {elsewhen{ahead: -10 * time.Minute}, -10 * time.Minute},
		"the answer is an old one": {elsewhen{ahead: -10 * time.Minute, takes: 2100 * time.Millisecond}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := &storetest.Engine{Endpoint: embeddedEndpoint(t)}
			o := store.Options{Table: storetest.TableName()}
			e.NewTable(t, o)
			there := dynamodb.New(e.Client(t).Options(), func(o *dynamodb.Options) {
				o.HTTPClient = &http.Client{Transport: c.engine}
			})
			s := store.New(there, o)
			if _, err := s.Call(t.Context(), "h"); !errors.Is(err, store.ErrNotFound) {
				t.Fatal(err)
			}
			if got := time.Until(s.Clock()); (got - c.want).Abs() > 2*time.Second {
				t.Errorf("the clock is %s ahead, want %s", got.Round(time.Second), c.want)
			}
		})
	}
}

package benchfacade_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/problem"
	"github.com/algoitny/algoitny-operator/internal/store"
)

// sdkOrder is what the role sdk is told.
type sdkOrder struct {
	Endpoint string
	// Read is what is read, "list" or "problem"; Problems is how many there are.
	Read     string
	Problems int
	Duration time.Duration
}

// reader asks the table with the AWS SDK and nothing else, for what the facade
// would ask, with as many requests at once as wrk has.
type reader struct {
	db   *dynamodb.Client
	keys []problem.Key
}

// sdk is the role of a reader: it runs where a facade would.
func sdk() error {
	order := sdkOrder{}
	if err := json.NewDecoder(os.Stdin).Decode(&order); err != nil {
		return err
	}
	ctx := context.Background()
	db, err := store.NewClient(ctx, order.Endpoint, region)
	if err != nil {
		return err
	}
	r := &reader{db: db}
	for i := range order.Problems {
		r.keys = append(r.keys, contentOf(i).Key)
	}
	read := map[string]func(context.Context, *rand.Rand) error{"list": r.list, "problem": r.problem}[order.Read]
	report, err := r.run(ctx, order.Duration, read)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(report)
}

// sdk runs that role.
func (w *world) sdk(read string, duration time.Duration) run {
	w.b.Helper()
	a := w.actor(&w.cores.server, "sdk", &sdkOrder{Endpoint: w.endpoint, Read: read, Problems: *problems, Duration: duration})
	r := &loadReport{}
	a.hear(r)
	a.dismiss()
	return run{rate: r.Rate, requests: r.Answered, p50: r.P50, p99: r.P99}
}

// run repeats a read for a while.
func (r *reader) run(ctx context.Context, duration time.Duration, read func(context.Context, *rand.Rand) error) (*loadReport, error) {
	var group errgroup.Group
	took := make([][]time.Duration, connections)
	began := time.Now()
	for i := range connections {
		group.Go(func() error {
			dice := rand.New(rand.NewPCG(5, uint64(i)))
			for time.Since(began) < duration {
				asked := time.Now()
				if err := read(ctx, dice); err != nil {
					return err
				}
				took[i] = append(took[i], time.Since(asked))
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	all := slices.Concat(took...)
	rate := float64(len(all)) / time.Since(began).Seconds()
	return &loadReport{Answered: len(all), Rate: rate, P50: quantile(all, 0.5), P99: quantile(all, 0.99)}, nil
}

// The table's names are the store's own; it tells of none of them but the
// partition of a problem.
func (r *reader) list(ctx context.Context, dice *rand.Rand) error {
	out, err := r.db.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(table), IndexName: aws.String("GSI1"), Limit: aws.Int32(20), KeyConditionExpression: aws.String("GSI1PK = :shard"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":shard": text(fmt.Sprintf("PROBLEMS#%d", dice.IntN(8)))},
	})
	if err == nil && len(out.Items) != 20 {
		return fmt.Errorf("a page of the index has %d items, not 20", len(out.Items))
	}
	return err
}

// problem is what the facade asks for one problem: its row, its statement and
// its solutions.
func (r *reader) problem(ctx context.Context, dice *rand.Rand) error {
	pk := text(store.ProblemPartition(r.keys[dice.IntN(len(r.keys))]))
	for _, sk := range []string{"METADATA", "STATEMENT"} {
		out, err := r.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(table), ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{"PK": pk, "SK": text(sk)},
		})
		if err != nil {
			return err
		}
		if len(out.Item) == 0 {
			return fmt.Errorf("there is no %s", sk)
		}
	}
	_, err := r.db.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(table), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("PK = :pk AND SK > :after"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": pk, ":after": text("SOLUTION#")},
	})
	return err
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

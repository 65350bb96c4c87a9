package benchfacade_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/store"
)

// reader asks the table with the AWS SDK and nothing else, for what the facade
// would ask, with as many requests at once as wrk has.
type reader struct{ w *world }

// run repeats a read for a while.
func (r *reader) run(duration time.Duration, read func(ctx context.Context, dice *rand.Rand) error) run {
	r.w.b.Helper()
	var wait sync.WaitGroup
	var mu sync.Mutex
	var took []time.Duration
	var failure error
	began := time.Now()
	for i := range connections {
		wait.Go(func() {
			dice := rand.New(rand.NewPCG(5, uint64(i)))
			var own []time.Duration
			var err error
			for err == nil && time.Since(began) < duration {
				asked := time.Now()
				err = read(r.w.b.Context(), dice)
				own = append(own, time.Since(asked))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
			if err != nil {
				failure = err
			}
		})
	}
	wait.Wait()
	r.w.must(failure)
	rate := float64(len(took)) / time.Since(began).Seconds()
	return run{rate: rate, requests: len(took), p50: quantile(took, 0.5), p99: quantile(took, 0.99)}
}

// The table's names are the store's own; it tells of none of them but the
// partition of a problem.
func (r *reader) list(ctx context.Context, dice *rand.Rand) error {
	out, err := r.w.db.Query(ctx, &dynamodb.QueryInput{
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
	pk := text(store.ProblemPartition(r.w.contents[dice.IntN(len(r.w.contents))].Key))
	for _, sk := range []string{"METADATA", "STATEMENT"} {
		out, err := r.w.db.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: aws.String(table), ConsistentRead: aws.Bool(true), Key: map[string]types.AttributeValue{"PK": pk, "SK": text(sk)},
		})
		if err != nil {
			return err
		}
		if len(out.Item) == 0 {
			return fmt.Errorf("there is no %s", sk)
		}
	}
	_, err := r.w.db.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(table), ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("PK = :pk AND SK > :after"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": pk, ":after": text("SOLUTION#")},
	})
	return err
}

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

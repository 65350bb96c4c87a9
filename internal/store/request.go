package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// How often a write is repeated when other writers were quicker. The tries
// that clash with other transactions take at most 15 s together, so that the
// writers of many replicas get through one after the other.
const (
	maxConflicts  = 40
	firstConflict = 20 * time.Millisecond
	lastConflict  = 400 * time.Millisecond
	maxRaces      = 5
)

const wholeCapacity = types.ReturnConsumedCapacityTotal

// get reads one item consistently; nil when there is none.
func (s *Store) get(ctx context.Context, k key) (item, error) {
	asked := time.Now()
	out, err := s.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &s.o.Table, Key: keyItem(k), ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: wholeCapacity,
	})
	if err != nil {
		s.observe("GetItem")
		return nil, decoded(err)
	}
	s.observe("GetItem", out.ConsumedCapacity)
	s.clock.learn(asked, out.ResultMetadata)
	if len(out.Item) == 0 {
		return nil, nil
	}
	return out.Item, nil
}

// partition reads the items of a partition whose sort keys start with prefix,
// in order. fields empty means all attributes.
//
// It pages with a condition on the sort key instead of a start key: that works
// even when the item it stopped at is deleted meanwhile, on every engine.
func (s *Store) partition(ctx context.Context, pk, prefix string, fields string) ([]item, error) {
	after, all := lowest(prefix), []item{}
	for {
		where := "#PK = :pk AND #SK > :after"
		in := &dynamodb.QueryInput{
			TableName: &s.o.Table, ConsistentRead: aws.Bool(true), ReturnConsumedCapacity: wholeCapacity,
			KeyConditionExpression:    &where,
			ExpressionAttributeNames:  names(where, fields),
			ExpressionAttributeValues: operands(values{":pk": pk, ":after": after}),
		}
		if fields != "" {
			in.ProjectionExpression = &fields
		}
		out, err := s.query(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, it := range out.Items {
			sk := text(it, attrSK)
			if len(sk) < len(prefix) || sk[:len(prefix)] != prefix {
				return all, nil
			}
			all, after = append(all, it), sk
		}
		if len(out.LastEvaluatedKey) == 0 || len(out.Items) == 0 {
			return all, nil
		}
	}
}

// lowest is a sort key below every key with the prefix; it may not be empty.
func lowest(prefix string) string {
	if prefix == "" {
		return " "
	}
	return prefix
}

func (s *Store) query(ctx context.Context, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	out, err := s.client.Query(ctx, in)
	if err != nil {
		s.observe("Query")
		return nil, decoded(err)
	}
	s.observe("Query", out.ConsumedCapacity)
	return out, nil
}

// put writes one item under a condition.
func (s *Store) put(ctx context.Context, it item, c condition) error {
	out, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &s.o.Table, Item: it, ReturnConsumedCapacity: wholeCapacity,
		ConditionExpression: &c.text, ExpressionAttributeNames: names(c.text), ExpressionAttributeValues: operands(c.values),
	})
	if err != nil {
		s.observe("PutItem")
		return decoded(err)
	}
	s.observe("PutItem", out.ConsumedCapacity)
	return nil
}

// remove deletes one item, unless it was replaced by another write than the
// one that was read. Gone or replaced is success.
func (s *Store) remove(ctx context.Context, read item) error {
	k := key{text(read, attrPK), text(read, attrSK)}
	c := condition{"#WriteID = :id", values{":id": text(read, attrWriteID)}}
	if text(read, attrWriteID) == "" {
		c = condition{text: "attribute_not_exists(#WriteID)"}
	}
	out, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &s.o.Table, Key: keyItem(k), ReturnConsumedCapacity: wholeCapacity,
		ConditionExpression: &c.text, ExpressionAttributeNames: names(c.text), ExpressionAttributeValues: operands(c.values),
	})
	if err != nil {
		s.observe("DeleteItem")
		if _, replaced := isCancelled(decoded(err)); replaced {
			return nil
		}
		return decoded(err)
	}
	s.observe("DeleteItem", out.ConsumedCapacity)
	return nil
}

// transact applies all writes or none. A clash with another transaction says
// that nothing was applied, so it is repeated here. Refused conditions are a
// *cancelledError.
func (s *Store) transact(ctx context.Context, writeID string, writes ...types.TransactWriteItem) error {
	for try := 0; ; try++ {
		err := s.transactOnce(ctx, writeID, writes)
		e, ok := errors.AsType[*Error](err)
		if !ok || e.Reason != ReasonContention || try == maxConflicts {
			return err
		}
		// Full jitter: those who clashed come back at different times.
		if pause(ctx, rand.N(conflictDelay(try))) != nil { //nolint:gosec // no secret depends on it
			return err
		}
	}
}

// conflictDelay is the longest wait after so many clashes.
func conflictDelay(try int) time.Duration {
	return min(firstConflict<<min(try, 8), lastConflict)
}

func (s *Store) transactOnce(ctx context.Context, writeID string, writes []types.TransactWriteItem) error {
	out, err := s.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{
		TransactItems: writes, ClientRequestToken: &writeID, ReturnConsumedCapacity: wholeCapacity,
	})
	if err != nil {
		s.observe("TransactWriteItems")
		return decoded(err)
	}
	units := make([]*types.ConsumedCapacity, len(out.ConsumedCapacity))
	for i := range out.ConsumedCapacity {
		units[i] = &out.ConsumedCapacity[i]
	}
	s.observe("TransactWriteItems", units...)
	return nil
}

// commit is transact for writes of which the item at k carries the write id.
// When the answer is lost or a repeat of the request is refused, the item
// tells whether the write was applied.
func (s *Store) commit(ctx context.Context, k key, writeID string, writes ...types.TransactWriteItem) error {
	err := s.transact(ctx, writeID, writes...)
	if err == nil || ctx.Err() != nil {
		return err
	}
	stored, readErr := s.get(ctx, k)
	if readErr == nil && stored != nil && text(stored, attrWriteID) == writeID {
		return nil
	}
	return err
}

func (s *Store) observe(op string, consumed ...*types.ConsumedCapacity) {
	var units float64
	for _, c := range consumed {
		if c != nil {
			units += aws.ToFloat64(c.CapacityUnits)
		}
	}
	s.o.Observe(op, units)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func (s *Store) putWrite(it item, c condition) types.TransactWriteItem {
	w := &types.Put{TableName: &s.o.Table, Item: it}
	if c.text != "" {
		w.ConditionExpression, w.ExpressionAttributeNames, w.ExpressionAttributeValues = &c.text, names(c.text), operands(c.values)
	}
	return types.TransactWriteItem{Put: w}
}

func (s *Store) updateWrite(k key, update string, vs values, c condition) types.TransactWriteItem {
	w := &types.Update{
		TableName: &s.o.Table, Key: keyItem(k), UpdateExpression: &update,
		ExpressionAttributeNames: names(update, c.text), ExpressionAttributeValues: operands(vs, c.values),
	}
	if c.text != "" {
		w.ConditionExpression = &c.text
	}
	return types.TransactWriteItem{Update: w}
}

func (s *Store) deleteWrite(k key, c condition) types.TransactWriteItem {
	w := &types.Delete{TableName: &s.o.Table, Key: keyItem(k)}
	if c.text != "" {
		w.ConditionExpression, w.ExpressionAttributeNames, w.ExpressionAttributeValues = &c.text, names(c.text), operands(c.values)
	}
	return types.TransactWriteItem{Delete: w}
}

func (s *Store) checkWrite(k key, c condition) types.TransactWriteItem {
	return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &s.o.Table, Key: keyItem(k), ConditionExpression: &c.text,
		ExpressionAttributeNames: names(c.text), ExpressionAttributeValues: operands(c.values),
	}}
}

// absent holds for an item that is not there.
func absent() condition { return condition{text: "attribute_not_exists(#PK)"} }

// unchanged holds for the very write that was read. The write id tells apart
// even equal versions of an item that was deleted and made anew.
func unchanged(version int64, writeID string) condition {
	return condition{"#Version = :readVersion AND #WriteID = :readID", values{":readVersion": version, ":readID": writeID}}
}

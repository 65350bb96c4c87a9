package store

import (
	"context"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// listTime orders as text does; the nanoseconds have a fixed width.
const listTime = "2006-01-02T15:04:05.000000000Z"

// afterTime is above what follows the time in a position.
const afterTime = "$"

// item is the row as it is written.
func (r *callRow) item(hash string) (item, error) {
	if r.ListPK == "" && r.State == CallClaimed {
		r.enlist(hash, r.ClaimedAt)
	}
	it, err := encode(r)
	if err != nil {
		return nil, err
	}
	k := callKey(hash)
	it[attrPK], it[attrSK] = attribute(k.pk), attribute(k.sk)
	return it, nil
}

// enlist gives the row its place in the index. What was released has none.
func (r *callRow) enlist(hash string, now time.Time) {
	at, cost := now, r.Cost
	switch r.State {
	case CallClaimed:
		r.ListPK, at, cost = claimsShard(shardOf(hash)), r.ExpiresAt, r.Reserve
	case CallUnknown:
		r.ListPK, cost = callsShard(r.Month, shardOf(hash)), r.Reserve
	case CallRecorded:
		r.ListPK = callsShard(r.Month, shardOf(hash))
	default:
		r.ListPK, r.ListSK, r.Summary = "", "", nil
		return
	}
	r.ListSK = at.UTC().Format(listTime) + "#" + escaper.Replace(hash)
	r.Summary = &CallSummary{
		Provider: r.Provider, Model: r.Model, Object: r.Object, Problem: r.Problem, Step: r.Step, Attempt: r.Attempt,
		Currency: r.Currency, CostNano: cost, Tokens: r.Tokens, Batch: r.Batch != "",
	}
}

// Calls lists what was paid for, or may have been, in a month such as 2006-01,
// in no order. The list is eventually consistent.
func (s *Store) Calls(ctx context.Context, month string) iter.Seq2[CallSummary, error] {
	return func(yield func(CallSummary, error) bool) {
		for i := range listShards {
			if !s.listCalls(ctx, callsShard(month, i), "~", yield) {
				return
			}
		}
	}
}

// ExpiredCalls lists the calls that are claimed and whose time was over at now.
// The list is eventually consistent.
func (s *Store) ExpiredCalls(ctx context.Context, now time.Time) iter.Seq2[CallSummary, error] {
	return func(yield func(CallSummary, error) bool) {
		for i := range listShards {
			if !s.listCalls(ctx, claimsShard(i), now.UTC().Format(listTime)+afterTime, yield) {
				return
			}
		}
	}
}

// listCalls lists a partition of the index below a position, and tells whether
// to go on.
func (s *Store) listCalls(ctx context.Context, shard, below string, yield func(CallSummary, error) bool) bool {
	after := " "
	for {
		where := "#GSI1PK = :shard AND #GSI1SK BETWEEN :after AND :below"
		out, err := s.query(ctx, &dynamodb.QueryInput{
			TableName: &s.o.Table, IndexName: aws.String(listIndex), ReturnConsumedCapacity: wholeCapacity,
			KeyConditionExpression:    &where,
			ExpressionAttributeNames:  names(where),
			ExpressionAttributeValues: operands(values{":shard": shard, ":after": after, ":below": below}),
		})
		if err != nil {
			yield(CallSummary{}, err)
			return false
		}
		for _, it := range out.Items {
			// The start of a range is part of it.
			if position := text(it, attrListSK); position != after && !yield(listedCall(it)) {
				return false
			}
			after = text(it, attrListSK)
		}
		if len(out.LastEvaluatedKey) == 0 || len(out.Items) == 0 {
			return true
		}
	}
}

func listedCall(it item) (CallSummary, error) {
	var row struct {
		State   CallState   `json:"State"`
		Summary CallSummary `json:"Summary"`
	}
	if err := decode(it, &row); err != nil {
		return CallSummary{}, damaged("call", err)
	}
	out := row.Summary
	out.State = row.State
	at, hash, _ := strings.Cut(text(it, attrListSK), "#")
	out.Hash = unescaper.Replace(hash)
	out.At, _ = time.Parse(listTime, at)
	return out, nil
}

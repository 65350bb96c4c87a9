package store

import (
	"cmp"
	"context"
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Sizes of a page of problems.
const (
	defaultPage = 50
	maxPage     = 500
)

// maxSortKey is the service's bound on a sort key, in bytes.
const maxSortKey = 1024

// cursorForm starts every cursor; another form of cursor gets another one.
const cursorForm = "after1:"

// ListProblems returns up to limit problems (50 when it is not positive, at
// most 500) ordered by platform and id, from where the cursor stands, and the
// cursor of the next page, empty at the end. A page is eventually consistent.
// A cursor is only a position in this one order: however it was made, it
// cannot name another partition. Garbage is an *Error with InvalidCursor.
func (s *Store) ListProblems(ctx context.Context, limit int, cursor string) ([]ProblemSummary, string, error) {
	after, err := parseCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, maxPage)
	shards, err := s.openShards(ctx, limit, after)
	if err != nil {
		return nil, "", err
	}
	var page []ProblemSummary
	for {
		next, err := nextShard(ctx, shards)
		if next == nil || err != nil {
			return page, "", err
		}
		if len(page) == limit {
			return page, formatCursor(page[limit-1].Key), nil
		}
		page = append(page, next.take())
	}
}

// shard reads one partition of the index in order.
type shard struct {
	store *Store
	name  string
	size  int32
	// after is the position that was read up to; done means there is no more.
	after  string
	done   bool
	buffer []listEntry
}

type listEntry struct {
	position string
	summary  ProblemSummary
}

// openShards reads the first part of every shard at once. The problems spread
// evenly, so twice the even share seldom needs a second read.
func (s *Store) openShards(ctx context.Context, limit int, after string) ([]*shard, error) {
	shards := make([]*shard, listShards)
	group, ctx := errgroup.WithContext(ctx)
	for i := range shards {
		shards[i] = &shard{store: s, name: shardName(i), size: int32(max(0, min(2*limit/listShards+2, maxPage))), after: after}
		group.Go(func() error { return shards[i].fill(ctx) })
	}
	return shards, group.Wait()
}

// nextShard is the one with the smallest position, nil when all are at the end.
func nextShard(ctx context.Context, shards []*shard) (*shard, error) {
	var next *shard
	for _, sh := range shards {
		if err := sh.fill(ctx); err != nil {
			return nil, err
		}
		if len(sh.buffer) > 0 && (next == nil || cmp.Less(sh.buffer[0].position, next.buffer[0].position)) {
			next = sh
		}
	}
	return next, nil
}

// fill reads on until there is an entry or the end.
func (sh *shard) fill(ctx context.Context) error {
	for len(sh.buffer) == 0 && !sh.done {
		if err := sh.read(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (sh *shard) read(ctx context.Context) error {
	where := "#GSI1PK = :shard AND #GSI1SK > :after"
	out, err := sh.store.query(ctx, &dynamodb.QueryInput{
		TableName: &sh.store.o.Table, IndexName: aws.String(listIndex), Limit: &sh.size, ReturnConsumedCapacity: wholeCapacity,
		KeyConditionExpression:    &where,
		ExpressionAttributeNames:  names(where),
		ExpressionAttributeValues: operands(values{":shard": sh.name, ":after": sh.after}),
	})
	if err != nil {
		return err
	}
	sh.done = len(out.LastEvaluatedKey) == 0 || len(out.Items) == 0
	for _, it := range out.Items {
		sh.after = text(it, attrListSK)
		row := problemRow{}
		if err := decode(it, &row); err != nil {
			return damaged("problem", err)
		}
		if row.State == stateActive {
			sh.buffer = append(sh.buffer, listEntry{sh.after, row.summary()})
		}
	}
	return nil
}

func (sh *shard) take() ProblemSummary {
	first := sh.buffer[0]
	sh.buffer = sh.buffer[1:]
	return first.summary
}

func (r *problemRow) summary() ProblemSummary {
	sum := &r.Summary
	return ProblemSummary{
		Key: sum.Key, Title: sum.Title, URL: sum.URL, Rating: sum.Rating, Tags: sum.Tags, Limits: sum.Limits,
		SampleCount: sum.SampleCount, Languages: languages(r.Solved), UpdatedAt: sum.UpdatedAt,
	}
}

// languages are the first parts of language#name, each once.
func languages(solved []string) []string {
	var out []string
	for _, entry := range solved {
		language, _, _ := strings.Cut(entry, "#")
		out = append(out, unescaper.Replace(language))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func formatCursor(k problem.Key) string {
	return base64.RawURLEncoding.EncodeToString([]byte(cursorForm + listPosition(k)))
}

// parseCursor returns the position to read from.
func parseCursor(cursor string) (string, error) {
	if cursor == "" {
		return " ", nil
	}
	invalid := &Error{Class: ClassStalled, Reason: ReasonInvalidCursor, Message: "the cursor is not one this list gave out; begin again without a cursor"}
	if len(cursor) > 8*maxNamePart {
		return "", invalid
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil {
		return "", invalid
	}
	position, ok := strings.CutPrefix(string(raw), cursorForm)
	if !ok {
		return "", invalid
	}
	if _, ok := parsePosition(position); !ok || len(position) > maxSortKey {
		return "", invalid
	}
	return position, nil
}

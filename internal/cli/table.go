package cli

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/algoitny/algoitny-operator/internal/store"
)

// TableAddress says which table is meant, in the words of the manager's flags.
type TableAddress struct {
	Name string
	// Endpoint is that of DynamoDB Local or LocalStack; empty is AWS.
	Endpoint string
	// Region is AWS's; empty takes it from the environment.
	Region string
}

const tableUsage = "[--table T] [--region R] [--dynamodb-endpoint URL]"

func (a *TableAddress) flags(set *flag.FlagSet) {
	set.StringVar(&a.Name, "table", store.DefaultTable, "DynamoDB table")
	set.StringVar(&a.Endpoint, "dynamodb-endpoint", "", "endpoint of DynamoDB Local or LocalStack; empty is AWS")
	set.StringVar(&a.Region, "region", "", "AWS region; empty takes it from the environment")
}

// OpenTable reaches a table and checks that it can be used. It creates nothing.
// The error says what to do.
func OpenTable(ctx context.Context, at TableAddress) (*store.Store, error) {
	client, err := store.NewClient(ctx, at.Endpoint, at.Region)
	if err != nil {
		return nil, at.failed(err)
	}
	table := store.New(client, store.Options{Table: at.Name})
	if err := table.CheckTable(ctx); err != nil {
		return nil, at.failed(err)
	}
	return table, nil
}

// tableError is a failure of the table, and never of what was to be written.
type tableError struct {
	at  TableAddress
	err error
}

func (a TableAddress) failed(err error) error { return &tableError{at: a, err: err} }

// advice is for a person, where the store's own is for the operator.
var advice = map[store.Reason]string{
	store.ReasonCredentialsMissing: "no AWS credentials were found; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with the AWS CLI",
	store.ReasonAccessDenied:       "the AWS credentials may not use the table; use those of a role that may read and write it",
}

func (e *tableError) Error() string {
	words := e.err.Error()
	if known, ok := errors.AsType[*store.Error](e.err); ok {
		words = known.Message
		if own := advice[known.Reason]; own != "" {
			words = own
		}
	}
	return fmt.Sprintf("the table %s: %s (--table, --region and --dynamodb-endpoint say which table is meant)", e.at.Name, words)
}

func (e *tableError) Unwrap() error { return e.err }

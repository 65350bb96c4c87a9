package store

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// tablePoll is how often a new table is asked whether it is ready.
const tablePoll = 250 * time.Millisecond

// listed are the attributes a list needs beside the keys.
var listed = []string{"Summary", "Solved", "State"}

// TableDefinition is the table: one hash and range key, one index for lists,
// billed on demand. config/dynamodb/table.json is the same for the AWS CLI.
func TableDefinition(name string) *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			textAttribute(attrPK), textAttribute(attrSK), textAttribute(attrListPK), textAttribute(attrListSK),
		},
		KeySchema: keySchema(attrPK, attrSK),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String(listIndex),
			KeySchema:  keySchema(attrListPK, attrListSK),
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: slices.Clone(listed)},
		}},
	}
}

func textAttribute(name string) types.AttributeDefinition {
	return types.AttributeDefinition{AttributeName: &name, AttributeType: types.ScalarAttributeTypeS}
}

func keySchema(hash, sort string) []types.KeySchemaElement {
	return []types.KeySchemaElement{
		{AttributeName: &hash, KeyType: types.KeyTypeHash},
		{AttributeName: &sort, KeyType: types.KeyTypeRange},
	}
}

// EnsureTable creates the table where it is missing and waits until it is
// ready. It is meant for the demo and for tests; in production a person
// creates the table and the operator has no right to.
func (s *Store) EnsureTable(ctx context.Context) error {
	err := s.CheckTable(ctx)
	if reasonOf(err) == ReasonTableMissing {
		_, createErr := s.client.CreateTable(ctx, TableDefinition(s.o.Table))
		s.observe("CreateTable")
		// In use means that another replica is creating it.
		if createErr = decoded(createErr); createErr != nil && reasonOf(createErr) != ReasonTableNotReady {
			return createErr
		}
		err = s.CheckTable(ctx)
	}
	for reasonOf(err) == ReasonTableNotReady || reasonOf(err) == ReasonTableMissing {
		if pause(ctx, tablePoll) != nil {
			return err
		}
		err = s.CheckTable(ctx)
	}
	return err
}

// CheckTable tells whether the table can be used: every error is an *Error
// that says what to change. It does not touch the items.
func (s *Store) CheckTable(ctx context.Context) error {
	if provider := s.client.Options().Credentials; provider != nil {
		if _, err := provider.Retrieve(ctx); err != nil && ctx.Err() == nil {
			return &Error{
				Class: ClassStalled, Reason: ReasonCredentialsMissing, Err: err,
				Message: "no AWS credentials were found; give the service account a role (IRSA, EKS Pod Identity) or the pod AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
			}
		}
	}
	out, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.o.Table})
	s.observe("DescribeTable")
	if err != nil {
		return decoded(err)
	}
	return checkDescription(out.Table)
}

// checkDescription compares a table with TableDefinition. The embedded engine
// reports neither status nor attribute types, which then are not compared.
func checkDescription(table *types.TableDescription) error {
	if table == nil || !sameKeys(table.KeySchema, keySchema(attrPK, attrSK)) {
		return invalidTable("its keys are not PK and SK")
	}
	for _, attr := range table.AttributeDefinitions {
		name := aws.ToString(attr.AttributeName)
		if slices.Contains([]string{attrPK, attrSK, attrListPK, attrListSK}, name) && attr.AttributeType != types.ScalarAttributeTypeS {
			return invalidTable("the key " + name + " is not a string")
		}
	}
	i := slices.IndexFunc(table.GlobalSecondaryIndexes, func(g types.GlobalSecondaryIndexDescription) bool {
		return aws.ToString(g.IndexName) == listIndex
	})
	if i < 0 {
		return invalidTable("the index GSI1 is missing")
	}
	index := table.GlobalSecondaryIndexes[i]
	if !sameKeys(index.KeySchema, keySchema(attrListPK, attrListSK)) {
		return invalidTable("the keys of the index GSI1 are not GSI1PK and GSI1SK")
	}
	if !projects(index.Projection) {
		return invalidTable("the index GSI1 does not project Summary, Solved and State")
	}
	ready := table.TableStatus == "" || table.TableStatus == types.TableStatusActive || table.TableStatus == types.TableStatusUpdating
	if !ready || index.IndexStatus != "" && index.IndexStatus != types.IndexStatusActive && index.IndexStatus != types.IndexStatusUpdating {
		return &Error{Class: ClassRetry, Reason: ReasonTableNotReady, Message: "the table is being changed; wait until it is ACTIVE"}
	}
	return nil
}

func projects(p *types.Projection) bool {
	if p == nil {
		return false
	}
	if p.ProjectionType == types.ProjectionTypeAll {
		return true
	}
	missing := func(name string) bool { return !slices.Contains(p.NonKeyAttributes, name) }
	return p.ProjectionType == types.ProjectionTypeInclude && !slices.ContainsFunc(listed, missing)
}

func sameKeys(have, want []types.KeySchemaElement) bool {
	return slices.EqualFunc(have, want, func(a, b types.KeySchemaElement) bool {
		return aws.ToString(a.AttributeName) == aws.ToString(b.AttributeName) && a.KeyType == b.KeyType
	})
}

func invalidTable(what string) error {
	return &Error{
		Class: ClassStalled, Reason: ReasonTableInvalid,
		Message: "the table cannot be used: " + what + "; create one from config/dynamodb/table.json",
	}
}

func reasonOf(err error) Reason {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Reason
	}
	return ""
}

// TableID is what tells this table from every other, for as long as it lives.
// Nobody learns it who may not describe the table.
func (s *Store) TableID(ctx context.Context) (string, error) {
	out, err := s.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &s.o.Table})
	s.observe("DescribeTable")
	if err != nil {
		return "", decoded(err)
	}
	id := aws.ToString(out.Table.TableId) + " " + aws.ToString(out.Table.TableArn)
	// Engines for tests have no ids.
	if out.Table.CreationDateTime != nil {
		id += " " + out.Table.CreationDateTime.UTC().Format(time.RFC3339)
	}
	return id, nil
}

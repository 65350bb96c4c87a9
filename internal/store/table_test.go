package store_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/algoitny/algoitny-operator/internal/store"
	"github.com/algoitny/algoitny-operator/internal/store/storetest"
)

func TestTheTableForTheCLIIsTheOneOfTheProgram(t *testing.T) {
	raw, err := os.ReadFile("../../config/dynamodb/table.json")
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	var file dynamodb.CreateTableInput
	if err := decoder.Decode(&file); err != nil {
		t.Fatal(err)
	}
	if want := store.TableDefinition(store.DefaultTable); !reflect.DeepEqual(&file, want) {
		t.Errorf("config/dynamodb/table.json differs from store.TableDefinition:\n%+v\n%+v", file, *want)
	}
}

func TestAMissingTableIsMadeOnceAndThenFits(t *testing.T) {
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		s := e.Store(t, store.Options{Table: storetest.TableName()})
		wantReason(t, s.CheckTable(t.Context()), store.ClassStalled, store.ReasonTableMissing)
		for range 2 {
			if err := s.EnsureTable(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.CheckTable(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestATableThatDoesNotFitIsRefused(t *testing.T) {
	cases := map[string]func(*dynamodb.CreateTableInput){
		"other keys": func(in *dynamodb.CreateTableInput) {
			in.AttributeDefinitions[0].AttributeName, in.KeySchema[0].AttributeName = aws.String("pk"), aws.String("pk")
		},
		"no index": func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes, in.AttributeDefinitions = nil, in.AttributeDefinitions[:2]
		},
		"an index of another name": func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes[0].IndexName = aws.String("GSI2")
		},
		"an index that carries too little": func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes[0].Projection.NonKeyAttributes = []string{"Summary"}
		},
		"an index of keys only": func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes[0].Projection = &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
		},
	}
	storetest.Engines(t, func(t *testing.T, e *storetest.Engine) {
		for name, change := range cases {
			t.Run(name, func(t *testing.T) {
				in := store.TableDefinition(storetest.TableName())
				change(in)
				if _, err := e.Client(t).CreateTable(t.Context(), in); err != nil {
					t.Fatal(err)
				}
				err := e.Store(t, store.Options{Table: *in.TableName}).CheckTable(t.Context())
				wantReason(t, err, store.ClassStalled, store.ReasonTableInvalid)
			})
		}
	})
}

func TestMissingCredentialsAreNamed(t *testing.T) {
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{}, errors.New("none anywhere")
		}),
	})
	err := store.New(client, store.Options{}).CheckTable(t.Context())
	wantReason(t, err, store.ClassStalled, store.ReasonCredentialsMissing)
}

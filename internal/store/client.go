package store

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/logging"
)

// The SDK's standard retryer stays on, with few tries: reads have no effect
// and every write is conditional and carries its own write id, so a repeat of
// one that was applied is recognised. Longer waits are the callers' business.
const (
	maxAttempts    = 3
	maxBackoff     = 2 * time.Second
	attemptTimeout = 20 * time.Second
)

// NewClient returns a client with the default credential chain. With an
// endpoint (DynamoDB Local, LocalStack, the embedded engine) and no
// credentials in the environment it uses made-up ones, which such engines take.
func NewClient(ctx context.Context, endpoint, region string) (*dynamodb.Client, error) {
	options := []func(*config.LoadOptions) error{
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = maxAttempts, maxBackoff })
		}),
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(attemptTimeout)),
		// It writes to standard error, past every log, of what it tries in
		// vain; whatever fails in the end is returned.
		config.WithLogger(logging.Nop{}),
	}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	if endpoint != "" {
		local, err := localOptions(region)
		if err != nil {
			return nil, err
		}
		options = append(options, local...)
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	return dynamodb.NewFromConfig(loaded, func(o *dynamodb.Options) {
		if endpoint != "" {
			o.BaseEndpoint = &endpoint
		}
	}), nil
}

// localOptions fill in what an engine at an endpoint needs but does not check.
func localOptions(region string) ([]func(*config.LoadOptions) error, error) {
	env, err := config.NewEnvConfig()
	if err != nil {
		return nil, fmt.Errorf("read the AWS environment: %w", err)
	}
	var options []func(*config.LoadOptions) error
	if region == "" && env.Region == "" {
		options = append(options, config.WithRegion("us-east-1"))
	}
	configured := env.Credentials.HasKeys() || env.SharedConfigProfile != "" ||
		env.WebIdentityTokenFilePath != "" || env.ContainerCredentialsEndpoint != "" || env.ContainerCredentialsRelativePath != ""
	if !configured {
		options = append(options, config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider("local", "local", "")))
	}
	return options, nil
}

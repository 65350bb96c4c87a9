package gemini

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/google/generative-ai-go/genai"
	"google.golang.org/api/option"
	"google.golang.org/api/option/internaloption"
	transport "google.golang.org/api/transport/grpc"
	"google.golang.org/grpc"
)

// newClient makes the SDK's client for one HTTP client. The SDK is no longer
// developed (https://github.com/google/generative-ai-go), and its constructor
// needs three things kept from it:
//
//   - the key: the SDK would put it into the URL, so the transport adds it as a
//     header instead;
//   - the gRPC connection for cached contents: the SDK dials it at once in the
//     background, although nothing here uses it, and never closes it, so that
//     each client would leak goroutines;
//   - the check that refuses an HTTP client beside a gRPC connection pool, which
//     the previous point needs.
func newClient(endpoint string, httpClient *http.Client) (*genai.Client, error) {
	client, err := genai.NewClient(context.Background(),
		option.WithHTTPClient(httpClient),
		option.WithEndpoint(endpoint),
		option.WithoutAuthentication(),
		transport.WithConnPool(noConnections{}),
		internaloption.SkipDialSettingsValidation(),
	)
	if err != nil {
		return nil, fmt.Errorf("making the Gemini client: %w", err)
	}
	return client, nil
}

var errNoGRPC = errors.New("gemini: gRPC is not in use")

// noConnections is a gRPC connection pool that connects nowhere.
type noConnections struct{}

func (noConnections) Conn() *grpc.ClientConn { return nil }
func (noConnections) Num() int               { return 0 }
func (noConnections) Close() error           { return nil }

func (noConnections) Invoke(context.Context, string, any, any, ...grpc.CallOption) error {
	return errNoGRPC
}

func (noConnections) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errNoGRPC
}

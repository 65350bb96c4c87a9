package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	zapcore "go.uber.org/zap"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/algoitny/algoitny-operator/internal/facade"
	"github.com/algoitny/algoitny-operator/internal/store"
)

type zapLogger = zapcore.Logger

type options struct {
	facade                  facade.Options
	address, operations     string
	table, endpoint, region string
	cursorKeyFile           string
	accessLog               bool
	connections             int
	drainDelay              time.Duration
	logging                 zap.Options
}

// parse reads the command line; what is wrong with it has been said on out.
func parse(args []string, out io.Writer) (*options, error) {
	o := &options{}
	set := flag.NewFlagSet("facade", flag.ContinueOnError)
	set.SetOutput(out)
	f := &o.facade
	set.StringVar(&o.address, "bind-address", ":8000", "address of the API and the page")
	set.StringVar(&o.operations, "operations-bind-address", ":8080", "address of /livez, /readyz and /metrics")
	set.StringVar(&f.Namespace, "namespace", "default", "namespace in which resources are made")
	set.StringVar(&f.WatchNamespace, "watch-namespace", "", "namespace whose resources are shown; empty is all")
	set.StringVar(&o.table, "table", store.DefaultTable, "DynamoDB table")
	set.StringVar(&o.endpoint, "dynamodb-endpoint", "", "endpoint of DynamoDB Local or LocalStack; empty is AWS")
	set.StringVar(&o.region, "region", "", "AWS region; empty takes it from the environment")
	set.DurationVar(&f.Reload, "reload", 5*time.Minute, "how often the whole table is listed, for changes that no resource tells of")
	set.IntVar(&f.Limit, "max-problems", 100_000, "problems that are listed at most, about 1 KiB of memory each")
	set.Int64Var(&f.CacheBytes, "cache-bytes", 32<<20, "memory for answers; negative keeps none")
	set.BoolVar(&f.ShowTests, "show-tests", false, "show the inputs and answers of all tests to everybody, and let everybody download packages")
	set.StringVar(&o.cursorKeyFile, "cursor-key-file", "", "file with a secret that cursors are signed with, the same for all replicas; empty takes the table's own id")
	set.Float64Var(&f.ClientRate.PerSecond, "client-rate", 50, "requests a second of one client; 0 is no bound")
	set.IntVar(&f.ClientRate.Burst, "client-burst", 200, "requests of one client at once")
	set.Float64Var(&f.GlobalRate.PerSecond, "global-rate", 5000, "requests a second of all clients; 0 is no bound")
	set.IntVar(&f.GlobalRate.Burst, "global-burst", 10_000, "requests of all clients at once")
	set.IntVar(&f.Streams.All, "max-streams", 10_000, "open streams of events")
	set.IntVar(&f.Streams.PerClient, "max-streams-per-client", 1_000, "open streams of events of one client")
	set.IntVar(&o.connections, "max-connections", 20_000, "open connections")
	set.DurationVar(&o.drainDelay, "drain-delay", 5*time.Second, "how long the end waits for load balancers to notice it")
	set.BoolVar(&o.accessLog, "access-log", true, "log a line for every request")
	set.Func("trusted-proxies", "networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, such as 10.0.0.0/8,fd00::/8", func(text string) (err error) {
		f.TrustedProxies, err = prefixes(text)
		return err
	})
	set.Func("allowed-origins", "origins whose scripts may read answers, such as https://algoitny.example,https://www.algoitny.example", func(text string) error {
		f.AllowedOrigins = words(text)
		return nil
	})
	o.logging.BindFlags(set)
	if err := set.Parse(args); err != nil {
		return nil, err
	}
	if set.NArg() > 0 {
		err := fmt.Errorf("%q is no flag", set.Arg(0))
		_, _ = fmt.Fprintln(out, err)
		return nil, err
	}
	return o, nil
}

func words(text string) []string {
	var out []string
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}

func prefixes(text string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, word := range words(text) {
		prefix, err := netip.ParsePrefix(word)
		if err != nil {
			return nil, fmt.Errorf("%q is no network; write one as 10.0.0.0/8", word)
		}
		out = append(out, prefix)
	}
	return out, nil
}

// leastKey is how long a key must be, in bytes.
const leastKey = 16

// cursorSecret reads the key that cursors are signed with, nil where there is
// none.
func (o *options) cursorSecret() ([]byte, error) {
	if o.cursorKeyFile == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(o.cursorKeyFile) //nolint:gosec // whoever starts the facade says which file
	if err != nil {
		return nil, fmt.Errorf("read --cursor-key-file: %w", err)
	}
	if raw = bytes.TrimSpace(raw); len(raw) < leastKey {
		return nil, fmt.Errorf("--cursor-key-file %s has %d bytes; a key needs %d or more, such as from openssl rand -hex 32", o.cursorKeyFile, len(raw), leastKey)
	}
	return raw, nil
}

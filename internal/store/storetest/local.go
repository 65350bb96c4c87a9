package storetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/algoitny/algoitny-operator/internal/store/embedded"
)

const jar = "DynamoDBLocal.jar"

// A Java machine on a busy computer takes its time to start.
const (
	startPatience = 60 * time.Second
	startPoll     = 100 * time.Millisecond
)

// untilStdinEnds runs a command for as long as somebody holds its standard
// input open.
const untilStdinEnds = `"$@" & child=$!; cat >/dev/null; kill "$child"`

// lifeline is the standard input of the engine. It closes with this process,
// however that ends, and takes the engine with it.
var lifeline io.WriteCloser

// Start returns the endpoint of DynamoDB Local where this machine has it, of
// the embedded engine elsewhere, for programs that are no tests of this
// process. The engine ends with stop, or with the process.
func Start() (endpoint string, stop func(), err error) {
	if os.Getenv(EnvFolder) != "" || os.Getenv(EnvRequire) != "" {
		endpoint, err = startLocal()
		return endpoint, func() { _ = lifeline.Close() }, err
	}
	engine, err := embedded.Start(context.Background())
	if err != nil {
		return "", nil, err
	}
	return engine.Endpoint, engine.Close, nil
}

// startLocal starts DynamoDB Local and waits until it answers.
func startLocal() (endpoint string, err error) {
	folder, err := filepath.Abs(os.Getenv(EnvFolder))
	if err != nil {
		return "", fmt.Errorf("find %s: %w", EnvFolder, err)
	}
	port, err := freePort()
	if err != nil {
		return "", fmt.Errorf("find a port for DynamoDB Local: %w", err)
	}
	command := exec.Command("sh", "-c", untilStdinEnds, "sh", //nolint:gosec // the folder is the test runner's own
		"java", "-Djava.library.path="+filepath.Join(folder, "DynamoDBLocal_lib"), "-jar", jar,
		"-inMemory", "-sharedDb", "-port", strconv.Itoa(port))
	command.Dir = folder
	if lifeline, err = command.StdinPipe(); err != nil {
		return "", fmt.Errorf("hold DynamoDB Local: %w", err)
	}
	if err := command.Start(); err != nil {
		return "", fmt.Errorf("start DynamoDB Local: %w", err)
	}
	endpoint = "http://127.0.0.1:" + strconv.Itoa(port)
	return endpoint, awaitAnswer(endpoint)
}

// freePort is free until somebody else takes it; the engine cannot choose one.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// awaitAnswer waits for any HTTP answer; to a request without a signature it
// is an error, which will do.
func awaitAnswer(endpoint string) error {
	client := http.Client{Timeout: startPatience, Transport: &http.Transport{DisableKeepAlives: true}}
	for deadline := time.Now().Add(startPatience); ; time.Sleep(startPoll) {
		response, err := client.Get(endpoint)
		if err == nil {
			return response.Body.Close()
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("DynamoDB Local did not start in %s; is java installed: %w", startPatience, err)
		}
	}
}

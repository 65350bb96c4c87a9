package protocol

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// agentSaying returns a client whose agent says raw at once, reads the whole
// input and goes.
func agentSaying(t testing.TB, raw []byte) *Client {
	t.Helper()
	ours, theirs := net.Pipe()
	var agent sync.WaitGroup
	said := make(chan struct{})
	agent.Go(func() {
		defer close(said)
		_, _ = theirs.Write(raw)
	})
	agent.Go(func() {
		for {
			if frame, err := Read(theirs); err != nil || frame.Kind == KindInputEnd {
				break
			}
		}
		<-said
		_ = theirs.Close()
	})
	t.Cleanup(func() {
		_ = ours.Close()
		agent.Wait()
	})
	return NewClient(ours)
}

func frames(parts ...string) []byte {
	var wire bytes.Buffer
	for _, p := range parts {
		// The first byte is the kind, as on the wire.
		_ = Write(&wire, Kind(p[0]), []byte(p[1:]))
	}
	return wire.Bytes()
}

var anExec = Exec{Argv: []string{"x"}, Limits: Limits{Wall: time.Second, OutputBytes: 8}}

func TestAnAgentsAnswers(t *testing.T) {
	long := strings.Repeat("x", maxWord+1)
	tests := []struct {
		name    string
		says    []byte
		output  string
		wantErr string
	}{
		{"a result", frames("R{}"), "", ""},
		{"output and a result", frames("O1 ", "O2", "R{}"), "1 2", ""},
		{"as much output as it may", frames("O12345678", "R{}"), "12345678", ""},
		{"more output than it may", frames("O12345678", "O9", "R{}"), "12345678", "more output"},
		{"nothing", nil, "", "gone"},
		{"output and no result", frames("O1"), "1", "gone"},
		{"a result that is cut off", frames("R{}")[:6], "", "cut off"},
		{"a frame that is too long", []byte("R\x7f\xff\xff\xff"), "", "too long"},
		{"a judge's frame", frames("E"), "", "instead"},
		{"a result that is no JSON", frames("R{"), "", "decode"},
		{"an unknown cause", frames(`R{"cause":"mercy"}`), "", "unknown cause"},
		{"a negative time", frames(`R{"cpuNanos":-1}`), "", "negative"},
		{"a long signal", frames(`R{"signal":"` + long + `"}`), "", "too long"},
		{"a refusal", frames(`R{"error":"no such program"}`), "", "no such program"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var output bytes.Buffer
			result, err := agentSaying(t, tt.says).Exec(t.Context(), anExec, strings.NewReader(""), &output)
			if output.String() != tt.output {
				t.Errorf("output %q, want %q", output.String(), tt.output)
			}
			if tt.wantErr == "" {
				if err != nil || result == nil {
					t.Errorf("got %v, %v", result, err)
				}
				return
			}
			if result != nil || err == nil || !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("got %v, %v; want an error that says %q", result, err, tt.wantErr)
			}
		})
	}
}

func TestARefusalIsToldFromAnAgentThatIsGone(t *testing.T) {
	_, err := agentSaying(t, frames(`R{"error":"`+strings.Repeat("x", 10000)+`"}`)).Exec(t.Context(), anExec, strings.NewReader(""), io.Discard)
	var refused *RefusedError
	if !errors.As(err, &refused) || len(refused.Message) != maxError {
		t.Errorf("got %.80v", err)
	}
	_, err = agentSaying(t, nil).Exec(t.Context(), anExec, strings.NewReader(""), io.Discard)
	if err == nil || errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
}

func TestAnAgentIsReadyOnceItSaysSo(t *testing.T) {
	tests := []struct {
		name  string
		says  []byte
		ready bool
	}{
		{"it says so", frames("A"), true},
		{"it is gone", nil, false},
		{"it says something else", frames("R{}"), false},
		{"its word is cut off", []byte("A"), false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			defer func() { _ = ours.Close() }()
			go func() {
				defer func() { _ = theirs.Close() }()
				_, _ = theirs.Write(tt.says)
			}()
			if err := NewClient(ours).Ready(t.Context()); (err == nil) != tt.ready {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASinkThatFailsEndsTheStreamingAndNotTheRun(t *testing.T) {
	reader, writer := io.Pipe()
	_ = reader.Close()
	result, err := agentSaying(t, frames("O1", "O2", "R{}")).Exec(t.Context(), anExec, strings.NewReader(""), writer)
	if err != nil || result == nil {
		t.Errorf("got %v, %v", result, err)
	}
}

func TestAnInputThatFailsIsAnError(t *testing.T) {
	broken := io.MultiReader(strings.NewReader("1"), failing{})
	if result, err := agentSaying(t, frames("R{}")).Exec(t.Context(), anExec, broken, io.Discard); err == nil {
		t.Errorf("got %v, want an error", result)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("broken") }

// What could not be read is told from an agent that is gone, and whatever the
// agent says afterwards is not believed.
func TestAnInputThatFailsIsToldApart(t *testing.T) {
	for name, says := range map[string][]byte{"before the agent's answer": nil, "after it": frames("R{}")} {
		client := agentSaying(t, says)
		_, err := client.Exec(t.Context(), anExec, io.MultiReader(strings.NewReader("1"), failing{}), io.Discard)
		var unread *InputError
		if !errors.As(err, &unread) || !client.Broken() {
			t.Errorf("%s: got %v, broken %t", name, err, client.Broken())
		}
		if _, err := client.Exec(t.Context(), anExec, strings.NewReader(""), io.Discard); err == nil {
			t.Errorf("%s: it is asked again", name)
		}
	}
}

func TestAFileIsStreamed(t *testing.T) {
	for name, tt := range map[string]struct {
		says   []byte
		broken bool
		ok     bool
	}{
		"it was stored":       {frames("R{}"), false, true},
		"it was refused":      {frames(`R{"error":"full"}`), false, false},
		"the agent is gone":   {nil, true, false},
		"output is no answer": {frames("O1", "R{}"), true, false},
	} {
		client := agentSaying(t, tt.says)
		err := client.PutFile(t.Context(), File{Name: "x"}, strings.NewReader(strings.Repeat("x", 3*MaxData)))
		if (err == nil) != tt.ok || client.Broken() != tt.broken {
			t.Errorf("%s: got %v, broken %t", name, err, client.Broken())
		}
	}
}

// resetting is a client of an agent that answers a reset so.
func resetting(t *testing.T, says []byte) *Client {
	t.Helper()
	ours, theirs := net.Pipe()
	var agent sync.WaitGroup
	agent.Go(func() {
		defer func() { _ = theirs.Close() }()
		if frame, err := Read(theirs); err == nil && frame.Kind == KindReset {
			_, _ = theirs.Write(says)
		}
	})
	t.Cleanup(func() {
		_ = ours.Close()
		agent.Wait()
	})
	return NewClient(ours)
}

func TestAnAgentIsAsNewWhenItSaysSo(t *testing.T) {
	for name, tt := range map[string]struct {
		says []byte
		ok   bool
	}{
		"it says so":                {frames("A"), true},
		"it is gone":                {nil, false},
		"it has a result to say":    {frames("R{}"), false},
		"it has an output to say":   {frames("O1", "A"), false},
		"its word is cut off":       {[]byte("A\x00"), false},
		"a word that is too long":   {[]byte("A\xff\xff\xff\xff"), false},
		"it says so and much more":  {frames("A", "R{}"), true},
		"it cannot, and says so":    {frames(`R{"error":"no"}`), false},
		"it speaks for a judge too": {frames("Z"), false},
	} {
		client := resetting(t, tt.says)
		if err := client.Reset(t.Context()); (err == nil) != tt.ok || client.Broken() == tt.ok {
			t.Errorf("%s: got %v, broken %t", name, err, client.Broken())
		}
		if tt.ok {
			// It has said so, and need not say it again.
			if err := client.Ready(t.Context()); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err := client.Reset(t.Context()); err == nil {
			t.Errorf("%s: a second reset helps", name)
		}
	}
}

func TestACancelledRequestEndsAtOnce(t *testing.T) {
	ours, theirs := net.Pipe()
	defer func() { _ = ours.Close() }()
	defer func() { _ = theirs.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	// The agent reads the request and nothing more, and never answers.
	go func() {
		_, _ = Read(theirs)
		cancel()
	}()
	if result, err := NewClient(ours).Exec(ctx, Exec{Limits: Limits{Wall: time.Hour}}, strings.NewReader("input"), io.Discard); err == nil {
		t.Errorf("got %v, want an error", result)
	}
}

// FuzzClient lets an agent say anything. The client must come back with a
// result that the agent said in full, or with an error.
func FuzzClient(f *testing.F) {
	f.Add(frames("O1", "R{}"))
	f.Add(frames("O1", "R{}")[:9])
	f.Add(frames(`R{"error":"x"}`))
	f.Add(frames("I", "E", "F{}", "X{}"))
	f.Add([]byte("O\xff\xff\xff\xff"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var output bytes.Buffer
		result, err := agentSaying(t, raw).Exec(context.Background(), anExec, strings.NewReader("1 2\n"), &output)
		if (result == nil) == (err == nil) {
			t.Fatalf("got %v and %v", result, err)
		}
		if int64(output.Len()) > anExec.Limits.OutputBytes {
			t.Fatalf("passed on %d bytes", output.Len())
		}
		if err == nil && !bytes.ContainsRune(raw, rune(KindResult)) {
			t.Fatalf("%q gave a result", raw)
		}
	})
}

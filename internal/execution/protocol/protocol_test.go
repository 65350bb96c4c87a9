package protocol

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestFramesComeOutAsTheyWentIn(t *testing.T) {
	tests := []struct {
		name    string
		kind    Kind
		payload []byte
	}{
		{"an empty frame", KindInputEnd, []byte{}},
		{"data", KindOutput, []byte("1 2\n")},
		{"bytes that are no text", KindInput, []byte{0, 0xff, 'O'}},
		{"the longest message", KindFile, bytes.Repeat([]byte("x"), maxMessage)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var wire bytes.Buffer
			if err := Write(&wire, tt.kind, tt.payload); err != nil {
				t.Fatal(err)
			}
			frame, err := Read(iotest.OneByteReader(&wire))
			if err != nil || frame.Kind != tt.kind || !bytes.Equal(frame.Payload, tt.payload) {
				t.Errorf("got %q and %d bytes, %v", frame.Kind, len(frame.Payload), err)
			}
			if _, err := Read(&wire); !errors.Is(err, io.EOF) {
				t.Errorf("got %v after the last frame, want io.EOF", err)
			}
		})
	}
}

func TestMessagesComeOutAsTheyWentIn(t *testing.T) {
	want := Result{
		Cause: CauseMemory, ExitCode: 3, Signal: "SIGKILL", CPU: 1, Wall: 2, PeakBytes: 3, Stderr: []byte{0, 0xff},
	}
	var wire bytes.Buffer
	if err := WriteJSON(&wire, KindResult, want); err != nil {
		t.Fatal(err)
	}
	frame, err := Read(&wire)
	if err != nil {
		t.Fatal(err)
	}
	var got Result
	if err := frame.Decode(KindResult, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAFrameThatIsTooLongIsNeitherSentNorRead(t *testing.T) {
	var wire bytes.Buffer
	if err := Write(&wire, KindOutput, make([]byte, maxMessage+1)); err == nil || wire.Len() > 0 {
		t.Errorf("sent %d bytes, %v", wire.Len(), err)
	}
	// The reader must not wait for, or make room for, four gigabytes.
	_, err := Read(strings.NewReader("R\xff\xff\xff\xff"))
	if err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %v", err)
	}
}

func TestAFrameThatIsCutOffIsAnError(t *testing.T) {
	const whole = "O\x00\x00\x00\x03abc"
	for n := range len(whole) {
		_, err := Read(strings.NewReader(whole[:n]))
		if err == nil || n > 0 && errors.Is(err, io.EOF) {
			t.Errorf("%q: got %v", whole[:n], err)
		}
	}
}

func TestAMessageOfAnotherKindIsAnError(t *testing.T) {
	for _, frame := range []Frame{{KindOutput, []byte("{}")}, {KindResult, []byte("{")}, {KindResult, nil}} {
		if err := frame.Decode(KindResult, &Result{}); err == nil {
			t.Errorf("%q %q was decoded", frame.Kind, frame.Payload)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("R\x00\x00\x00\x02{}"))
	f.Add([]byte("O\x00\x10\x00\x00x"))
	f.Add([]byte("E\x00\x00\x00\x00E"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		wire := bytes.NewReader(raw)
		frame, err := Read(wire)
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := Write(&again, frame.Kind, frame.Payload); err != nil {
			t.Fatal(err)
		}
		if read := raw[:len(raw)-wire.Len()]; !bytes.Equal(read, again.Bytes()) {
			t.Fatalf("%q was read and %q written", read, again.Bytes())
		}
	})
}

func FuzzDecodeResult(f *testing.F) {
	f.Add([]byte(`{"cause":"cpu","cpuNanos":1,"stderr":"eA=="}`))
	f.Add([]byte(`{"error":"x"}`))
	f.Add([]byte(`{"peakBytes":-1}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		result, err := decodeResult(Frame{KindResult, raw})
		if (result == nil) == (err == nil) {
			t.Fatalf("got %v and %v", result, err)
		}
		if err != nil {
			return
		}
		if result.check() != nil || result.Error != "" {
			t.Fatalf("%+v was let through", result)
		}
	})
}

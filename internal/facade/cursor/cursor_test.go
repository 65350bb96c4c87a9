package cursor_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/algoitny/algoitny-operator/internal/facade/cursor"
)

type place struct {
	Title string `json:"t"`
	N     int    `json:"n"`
}

func TestACursorGivesItsPlaceBackInItsOwnListOnly(t *testing.T) {
	signer, replica, other := cursor.New([]byte("secret")), cursor.New([]byte("secret")), cursor.New([]byte("another"))
	text, err := signer.Write("by title", place{"Zoë", 7})
	if err != nil {
		t.Fatal(err)
	}
	var got place
	if err := replica.Read("by title", text, &got); err != nil || got != (place{"Zoë", 7}) {
		t.Errorf("a replica reads %+v, %v", got, err)
	}
	if replica.Read("by rating", text, &got) == nil {
		t.Error("it is taken for another list")
	}
	if other.Read("by title", text, &got) == nil {
		t.Error("it is taken by who has another secret")
	}
}

func TestEveryChangedByteOfACursorIsNoticed(t *testing.T) {
	signer := cursor.New([]byte("secret"))
	text, err := signer.Write("list", place{"Sum", 1})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	var got place
	for i := range raw {
		raw[i] ^= 1
		if signer.Read("list", base64.RawURLEncoding.EncodeToString(raw), &got) == nil {
			t.Errorf("byte %d", i)
		}
		raw[i] ^= 1
	}
	for _, text := range []string{"", "!", text[:10], text + "A", text + "=", strings.Repeat("A", 5000), "YWZ0ZXIxOmNvZGVmb3JjZXMjMQ"} {
		if signer.Read("list", text, &got) == nil {
			t.Errorf("%q is taken", text)
		}
	}
}

func FuzzRead(f *testing.F) {
	signer := cursor.New([]byte("secret"))
	good, err := signer.Write("list", place{"Sum", 1})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add("YWZ0ZXIxOmNvZGVmb3JjZXMjMQ")
	f.Fuzz(func(t *testing.T, text string) {
		var got place
		if signer.Read("list", text, &got) == nil && text != good {
			t.Errorf("%q is taken for a cursor", text)
		}
	})
}

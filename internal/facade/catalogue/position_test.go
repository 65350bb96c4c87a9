package catalogue_test

import (
	"testing"

	"github.com/algoitny/algoitny-operator/internal/facade/catalogue"
)

func TestAPositionIsReadAsItWasWritten(t *testing.T) {
	for _, p := range []catalogue.Position{{}, {1, 2, 3, 4, 5}, {1<<64 - 1, 0, 1<<63 - 1, 36, 35}} {
		if got, err := catalogue.ParsePosition(p.String()); err != nil || got != p {
			t.Errorf("%v is written %s and read %v, %v", p, p, got, err)
		}
	}
}

func TestWhatIsNoPositionIsRefused(t *testing.T) {
	for _, text := range []string{"", "1", "1-2-3-4", "1-2-3-4-5-6", "1-2-3-4-", "01-2-3-4-5", "A-2-3-4-5", "+1-2-3-4-5", "1-2-3-4-3w5e11264sgsg", " 1-2-3-4-5"} {
		if p, err := catalogue.ParsePosition(text); err == nil {
			t.Errorf("%q is read as %v", text, p)
		}
	}
}

func FuzzPosition(f *testing.F) {
	f.Add("1-2-3-4-5")
	f.Add("zz-0-0-0-0")
	f.Fuzz(func(t *testing.T, text string) {
		if p, err := catalogue.ParsePosition(text); err == nil && p.String() != text {
			t.Errorf("%q is read as %s", text, p)
		}
	})
}

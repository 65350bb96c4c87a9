package agent

import (
	"strings"
	"testing"
	"time"
)

func TestWhatTheHelperSays(t *testing.T) {
	for said, want := range map[string]startup{
		"ok 1500 2048\n": {CPU: 1500 * time.Microsecond, MaxRSS: 2 << 20},
	} {
		if got, err := readStartup(strings.NewReader(said)); got != want || err != nil {
			t.Errorf("%q is %+v, %v", said, got, err)
		}
	}
	for said, want := range map[string]string{
		"":                              "the helper did not start",
		"error 9=7: Invalid argument\n": "9=7: Invalid argument",
		"ok 1500 2048\nerror ./main: No such file or directory\n": "./main: No such file or directory",
		"ok many\n": "read what the helper says",
	} {
		if _, err := readStartup(strings.NewReader(said)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %v, want %q", said, err, want)
		}
	}
}

package facade

import (
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func TestObjectNameKeepsWhatGivesTheKeyBack(t *testing.T) {
	for _, c := range []struct{ platform, id, want string }{
		{"cses", "1068", "cses-1068"},
		{"kattis", "hello", "kattis-hello"},
		{"atcoder", "abc-a", "atcoder-abc-a"},
	} {
		if got := objectName(problem.Key{Platform: c.platform, ID: c.id}); got != c.want {
			t.Errorf("%s/%s is named %s, want %s", c.platform, c.id, got, c.want)
		}
	}
}

func TestObjectNameOfOtherKeysBeginsLikeThemAndEndsInAHash(t *testing.T) {
	for _, c := range []struct{ platform, id, want string }{
		{"codeforces", "4A", `codeforces-4a-[0-9a-f]{12}`},
		{"atcoder", "abc153_a", `atcoder-abc153-a-[0-9a-f]{12}`},
		{"library-checker", "aplusb", `library-checker-aplusb-[0-9a-f]{12}`},
		{"x", "日本", `x-[0-9a-f]{12}`},
		{"", "日本", `[0-9a-f]{12}`},
	} {
		if got := objectName(problem.Key{Platform: c.platform, ID: c.id}); !regexp.MustCompile("^" + c.want + "$").MatchString(got) {
			t.Errorf("%s/%s is named %s, want %s", c.platform, c.id, got, c.want)
		}
	}
}

func TestObjectNameOfDifferentKeysDiffers(t *testing.T) {
	long := strings.Repeat("x", 128)
	hashed := objectName(problem.Key{Platform: "p", ID: "a_b"})
	keys := []problem.Key{
		{Platform: "p", ID: "a_b"}, {Platform: "p", ID: "a-b"}, {Platform: "p", ID: "a.b"}, {Platform: "p", ID: "A-b"}, {Platform: "p", ID: "a--b"},
		{Platform: "p", ID: "a-b-"}, {Platform: "p", ID: "-a-b"}, {Platform: "p-a", ID: "b"}, {Platform: "p", ID: "a b"}, {Platform: "p", ID: "a/b"},
		{Platform: "p", ID: "日"}, {Platform: "p", ID: "本"}, {Platform: "p", ID: "-"}, {Platform: "p", ID: "_"}, {Platform: "p", ID: ""},
		{Platform: "p", ID: strings.TrimPrefix(hashed, "p-")},
		{Platform: strings.Repeat("y", 63), ID: long}, {Platform: strings.Repeat("y", 63), ID: long + "z"}, {Platform: strings.Repeat("y", 62), ID: "y" + long},
	}
	owners := map[string]problem.Key{}
	for _, key := range keys {
		name := objectName(key)
		if other, taken := owners[name]; taken {
			t.Errorf("%s and %s are both named %s", key, other, name)
		}
		owners[name] = key
		if wrong := validation.IsDNS1123Subdomain(name); len(wrong) > 0 || len(name) > maxName {
			t.Errorf("%s is named %q: %v", key, name, wrong)
		}
	}
}

func FuzzObjectName(f *testing.F) {
	f.Add("codeforces", "4A", "codeforces", "4a")
	f.Add("a", "b-c", "a-b", "c")
	f.Fuzz(func(t *testing.T, platform, id, otherPlatform, otherID string) {
		if strings.Contains(platform+otherPlatform, "/") {
			t.Skip("no platform has a slash")
		}
		one, other := problem.Key{Platform: platform, ID: id}, problem.Key{Platform: otherPlatform, ID: otherID}
		name := objectName(one)
		if wrong := validation.IsDNS1123Subdomain(name); len(wrong) > 0 || len(name) > maxName {
			t.Errorf("%q is named %q: %v", one, name, wrong)
		}
		if (one == other) != (name == objectName(other)) {
			t.Errorf("%q and %q are named %q and %q", one, other, name, objectName(other))
		}
	})
}

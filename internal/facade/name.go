package facade

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

const (
	// maxName is the CRD's own bound on a Problem's name.
	maxName = 180
	// hashDigits make 48 bits, enough against accidents.
	hashDigits = 12
)

var (
	// readable names give their key back: the first hyphen ends the platform.
	readable     = regexp.MustCompile(`^[a-z0-9]+-[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	endsLikeHash = regexp.MustCompile(`-[0-9a-f]{12}$`)
	notName      = regexp.MustCompile(`[^a-z0-9]+`)
)

// objectName turns a key into a name that Kubernetes takes. One key always
// gives one name, which makes registering idempotent, and two keys never the
// same: where the letters alone could be those of another key, a hash is added.
func objectName(key problem.Key) string {
	name := key.Platform + "-" + key.ID
	if !strings.Contains(key.Platform, "-") && readable.MatchString(name) && len(name) <= maxName && !endsLikeHash.MatchString(name) {
		return name
	}
	sum := sha256.Sum256([]byte(key.String()))
	name = notName.ReplaceAllString(strings.ToLower(name), "-")
	name = strings.Trim(name[:min(len(name), maxName-hashDigits-1)], "-")
	return strings.TrimPrefix(name+"-"+hex.EncodeToString(sum[:])[:hashDigits], "-")
}

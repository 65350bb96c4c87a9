package jobs

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/execution"
)

// Labels and annotations of Jobs and their pods.
const (
	// LabelJudging is on everything of a judging; the network policy, the
	// admission policy and the operator's cache select by it.
	LabelJudging = "algoitny.dev/judging"
	// LabelOwner is the UID of the object a judging is for.
	LabelOwner = "algoitny.dev/owner-uid"
	// AnnotationKey is what was judged: UID/generation/step/attempt.
	AnnotationKey = "algoitny.dev/judging-key"
	// labelQueue is Kueue's.
	labelQueue = "kueue.x-k8s.io/queue-name"
	// labelManagedBy is one of those that Kubernetes recommends.
	labelManagedBy = "app.kubernetes.io/managed-by"
)

// The containers of a judging pod.
const (
	containerJudge   = "judge"
	containerProgram = "program"
	containerTools   = "tools"
)

// usersPerJudging is one for each container.
const usersPerJudging = 3

// maxReadable is how much of an owner's name goes into its Jobs' names, whose
// pods' names must stay below 63 characters.
const maxReadable = 32

// identity is what a judging is found by. Equal orders have equal ones.
func identity(c Config, o order) [sha256.Size]byte {
	return sha256.Sum256([]byte(strings.Join([]string{o.key, o.parcel.Digest, c.Image}, "\n")))
}

// name is that of the Job of one run, counted from 1.
func name(owner string, id [sha256.Size]byte, run int) string {
	readable := strings.Trim(strings.ReplaceAll(owner[:min(len(owner), maxReadable)], ".", "-"), "-")
	return fmt.Sprintf("%s-%s-%d", readable, hex.EncodeToString(id[:6]), run)
}

// firstUser is the first of a judging's user IDs. The kernel counts processes
// by user, on all of a node: two judgings with the same would be in each
// other's way.
func firstUser(c Config, id [sha256.Size]byte) int64 {
	slots := uint64(c.Users / usersPerJudging) //nolint:gosec // complete saw to it
	slot := binary.BigEndian.Uint64(id[8:16]) % slots
	return c.FirstUser + usersPerJudging*int64(slot) //nolint:gosec // below Users
}

// labelsOf are on everything of a judging.
func labelsOf(c Config, owner execution.Owner) map[string]string {
	all := map[string]string{LabelJudging: "true", LabelOwner: owner.UID, labelManagedBy: "algoitny-operator"}
	if c.QueueName != "" {
		all[labelQueue] = c.QueueName
	}
	return all
}

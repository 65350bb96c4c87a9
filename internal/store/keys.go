package store

import (
	"hash/fnv"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// The names of the table's keys and of its one index.
const (
	attrPK     = "PK"
	attrSK     = "SK"
	attrListPK = "GSI1PK"
	attrListSK = "GSI1SK"
	listIndex  = "GSI1"
)

// Sort keys, and the prefixes of those that carry names or numbers.
const (
	skMetadata     = "METADATA"
	skStatement    = "STATEMENT"
	skPage         = "PAGE"
	skCall         = "CALL"
	skTotal        = "TOTAL"
	skGate         = "GATE"
	skBatch        = "BATCH"
	prefixSolution = "SOLUTION#"
	prefixBody     = "STATEMENT#"
	prefixPage     = "PAGE#"
	prefixSource   = "SOURCE#"
	prefixSuite    = "SUITE#"
	prefixTests    = "TESTS#"
	prefixResponse = "RESPONSE#"
)

// listShards is how many partitions of the index the problems are spread
// over, so that none is hot. Changing it orphans the entries of old items.
const listShards = 8

// maxNamePart bounds each part of a key; the service bounds a whole partition
// key to 2048 bytes and a sort key to 1024.
const maxNamePart = 256

// The separator is escaped inside names, so that no name can reach into
// another's keys.
var (
	escaper   = strings.NewReplacer("%", "%25", "#", "%23")
	unescaper = strings.NewReplacer("%25", "%", "%23", "#")
)

// key names one item.
type key struct{ pk, sk string }

// ProblemPartition is the partition key of everything stored for a problem.
func ProblemPartition(k problem.Key) string { return "PROBLEM#" + listPosition(k) }

// listPosition orders the problems in a list.
func listPosition(k problem.Key) string { return join(k.Platform, k.ID) }

// listShard is the partition of the index that lists a problem.
func listShard(k problem.Key) string {
	return shardName(shardOf(listPosition(k)))
}

func shardName(i int) string { return "PROBLEMS#" + strconv.Itoa(i) }

func solutionSK(language, name string) string { return prefixSolution + join(language, name) }

// sourcePrefix starts the keys of a solution's chunks, apart from those of the
// solutions, so that a list of solutions does not read them.
func sourcePrefix(language, name string) string { return prefixSource + join(language, name) + "#" }

func suiteSK(name string) string { return prefixSuite + join(name) }

// testsPrefix starts the keys of a suite's chunks, as sourcePrefix does those
// of a solution's.
func testsPrefix(name string) string { return prefixTests + join(name) + "#" }

func callKey(hash string) key { return key{"CALL#" + escaper.Replace(hash), skCall} }

// claimsShard lists the calls that are claimed, callsShard those of a month that
// are settled.
func claimsShard(i int) string { return "CLAIMS#" + strconv.Itoa(i) }

func callsShard(month string, i int) string { return "CALLS#" + join(month) + "#" + strconv.Itoa(i) }

func shardOf(name string) int {
	sum := fnv.New32a()
	_, _ = sum.Write([]byte(name))
	return int(sum.Sum32() % listShards)
}

func gateKey(name string) key { return key{"GATE#" + escaper.Replace(name), skGate} }

func batchKey(mark string) key { return key{"BATCH#" + escaper.Replace(mark), skBatch} }

func join(parts ...string) string {
	escaped := make([]string, len(parts))
	for i, part := range parts {
		escaped[i] = escaper.Replace(part)
	}
	return strings.Join(escaped, "#")
}

// parsePosition reads what listPosition wrote.
func parsePosition(text string) (problem.Key, bool) {
	platform, id, ok := strings.Cut(text, "#")
	k := problem.Key{Platform: unescaper.Replace(platform), ID: unescaper.Replace(id)}
	return k, ok && checkNames(k.Platform, k.ID) == nil && listPosition(k) == text
}

// checkNames refuses names that cannot be part of a key.
func checkNames(parts ...string) error {
	for _, part := range parts {
		if part == "" || len(part) > maxNamePart || !utf8.ValidString(part) {
			return &Error{Class: ClassStalled, Reason: ReasonInvalidKey, Message: "a name is empty, longer than 256 bytes or no text; give the item another name"}
		}
	}
	return nil
}

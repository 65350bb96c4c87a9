package chaos_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// This file is all that the suite knows of the ledger's rows.

// attribute is one of DynamoDB's JSON, as far as it is looked at.
type attribute struct {
	S, N string
	M    item
}

type item map[string]attribute

func (i item) text(name string) string { return i[name].S }

func (i item) number(name string) int64 {
	n, _ := strconv.ParseInt(i[name].N, 10, 64)
	return n
}

func (i item) time(name string) time.Time {
	at, _ := time.Parse(time.RFC3339Nano, i.text(name))
	return at
}

// The states of a paid call.
const (
	claimed  = "CLAIMED"
	recorded = "RECORDED"
	unknown  = "UNKNOWN"
)

// question is what an answer is paid for: one attempt of one step.
type question struct {
	problem, step string
	attempt       int
}

// callRow is a row of the ledger.
type callRow struct {
	question
	hash, state          string
	reserve, cost        int64
	claimedAt, expiresAt time.Time
}

func callOf(i item) (callRow, bool) {
	hash, ok := strings.CutPrefix(i.text("PK"), "CALL#")
	if !ok || i.text("SK") != "CALL" {
		return callRow{}, false
	}
	return callRow{
		question: question{i.text("Problem"), i.text("Step"), int(i.number("Attempt"))},
		hash:     hash, state: i.text("State"),
		reserve: i.number("Reserve"), cost: i.number("Cost"),
		claimedAt: i.time("ClaimedAt"), expiresAt: i.time("ExpiresAt"),
	}, true
}

// cost of what is over; the worst is assumed of an answer that is lost.
func (c callRow) spent() int64 {
	switch c.state {
	case recorded:
		return c.cost
	case unknown:
		return c.reserve
	}
	return 0
}

// total is what an account has spent and reserved.
type total struct {
	key                        string
	committed, spent, requests int64
}

func totalOf(i item) (total, bool) {
	pk := i.text("PK")
	return total{pk, i.number("Committed"), i.number("Spent"), i.number("Requests")}, strings.HasPrefix(pk, "USAGE#")
}

// keeper is the object that shows this total, as keyFor names it; empty when
// none does.
func (t total) keeper() string {
	parts := strings.Split(strings.TrimPrefix(t.key, "USAGE#"), "#")
	kind := map[string]string{"PROVIDER": kindProvider, "BUDGET": kindBudget}[parts[0]]
	if kind == "" || len(parts) < 2 {
		return ""
	}
	return kind + " " + parts[1]
}

func (t total) isProvider() bool { return strings.HasPrefix(t.keeper(), kindProvider+" ") }

// transaction is a TransactWriteItems request.
type transaction struct {
	TransactItems []struct {
		Put    struct{ Item item }
		Update struct{ Key item }
	}
}

// ledgerWrites are the call rows that a transaction puts, and the keys of the
// totals it adds to.
func ledgerWrites(body []byte) (calls []callRow, totals []string) {
	var t transaction
	if json.Unmarshal(body, &t) != nil {
		return nil, nil
	}
	for _, write := range t.TransactItems {
		if call, ok := callOf(write.Put.Item); ok {
			calls = append(calls, call)
		}
		if total, ok := totalOf(write.Update.Key); ok {
			totals = append(totals, total.key)
		}
	}
	return calls, totals
}

package mutation

import (
	"fmt"
	"hash/fnv"
)

// candidate is a mistake that a rule offers.
type candidate struct {
	change
	operator Operator
	// rule is the rule's index in the table.
	rule int
	// key puts candidates in an order that has nothing to do with where they
	// stand, so that the first lines of a program are not preferred.
	key uint64
}

// choice takes candidates in turn.
type choice struct {
	program *program
	accepts func([]edit) bool
	// operators are those with candidates, in the table's order.
	operators []Operator
	left      map[Operator][]candidate
	perRule   map[int]int
	perLine   map[int]int
	seen      map[string]bool
}

func newChoice(p *program, accepts func([]edit) bool) *choice {
	c := &choice{
		program: p, accepts: accepts, left: map[Operator][]candidate{},
		perRule: map[int]int{}, perLine: map[int]int{}, seen: map[string]bool{p.source: true},
	}
	rules := rulesOf(p.language)
	for i, r := range rules {
		if _, known := c.left[r.operator]; !known {
			c.operators = append(c.operators, r.operator)
			c.left[r.operator] = nil
		}
		for _, kind := range r.kinds {
			for _, n := range p.kinds[kind] {
				c.add(r.operator, i, r.find(p, n))
			}
		}
	}
	return c
}

func (c *choice) add(operator Operator, rule int, changes []change) {
	for _, made := range changes {
		key := fnv.New64a()
		_, _ = key.Write([]byte(made.says))
		_, _ = fmt.Fprint(key, made.at.start)
		c.left[operator] = append(c.left[operator], candidate{
			change: made, operator: operator, rule: rule, key: key.Sum64(),
		})
	}
}

// take goes round the operators until there are enough mutants or none left.
func (c *choice) take(limit int) []Mutant {
	var taken []Mutant
	for more := true; more; {
		more = false
		for _, operator := range c.operators {
			if len(taken) >= limit {
				return taken
			}
			if m, ok := c.next(operator); ok {
				taken, more = append(taken, m), true
			}
		}
	}
	return taken
}

// next is an operator's best candidate that makes a program of its own.
func (c *choice) next(operator Operator) (Mutant, bool) {
	for len(c.left[operator]) > 0 {
		best := c.pop(operator)
		m, ok := best.mutant(c.program)
		if !ok || c.seen[m.Source] {
			continue
		}
		c.seen[m.Source] = true
		if !c.accepts(best.edits) {
			continue
		}
		c.perRule[best.rule]++
		c.perLine[best.at.line]++
		return m, true
	}
	return Mutant{}, false
}

func (c *choice) pop(operator Operator) candidate {
	left := c.left[operator]
	best := 0
	for i := range left {
		if c.before(left[i], left[best]) {
			best = i
		}
	}
	taken, last := left[best], len(left)-1
	left[best] = left[last]
	c.left[operator] = left[:last]
	return taken
}

// before prefers the rule and then the line that had the fewest turns.
func (c *choice) before(a, b candidate) bool {
	if x, y := c.perRule[a.rule], c.perRule[b.rule]; x != y {
		return x < y
	}
	if x, y := c.perLine[a.at.line], c.perLine[b.at.line]; x != y {
		return x < y
	}
	if a.key != b.key {
		return a.key < b.key
	}
	return a.at.start < b.at.start
}

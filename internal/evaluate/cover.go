package evaluate

import (
	"math/bits"
	"slices"
)

// Subset is a set of tests that kills every wrong program that the whole suite
// kills.
type Subset struct {
	Tests []string `json:"tests"`
	// Exact: no smaller subset does. Otherwise it was found greedily, always by
	// the test that kills the most of those that are left, and a smaller one
	// may exist: at most by the factor ln n + 1 for n programs (D. S. Johnson,
	// "Approximation algorithms for combinatorial problems", 1974).
	Exact bool `json:"exact"`
	// Kills is how many programs each test kills that none before it does.
	Kills []int `json:"kills"`
}

// searchSteps bounds the search for the smallest subset; beyond them the
// greedy one is kept.
const searchSteps = 200_000

// bitset is a set of programs.
type bitset []uint64

func newBitset(size int) bitset { return make(bitset, (size+63)/64) }

func (b bitset) add(i int) { b[i/64] |= 1 << (i % 64) }

func (b bitset) has(i int) bool { return b[i/64]>>(i%64)&1 == 1 }

// without are those of b that are not in other.
func (b bitset) without(other bitset) bitset {
	rest := slices.Clone(b)
	for i := range rest {
		rest[i] &^= other[i]
	}
	return rest
}

// shared is how many are in both.
func (b bitset) shared(other bitset) int {
	n := 0
	for i, word := range b {
		n += bits.OnesCount64(word & other[i])
	}
	return n
}

func (b bitset) count() int {
	n := 0
	for _, word := range b {
		n += bits.OnesCount64(word)
	}
	return n
}

// smallest finds a subset, the smallest one where the search ends in time.
func smallest(tests []string, programs []Program) Subset {
	var wrong []*Program
	for i := range programs {
		if p := &programs[i]; !p.Correct && !p.Accepted() {
			wrong = append(wrong, p)
		}
	}
	s := newSearch(len(tests), wrong)
	chosen := s.greedy()
	exact := s.improve(&chosen)
	slices.Sort(chosen)
	subset := Subset{Tests: []string{}, Exact: exact, Kills: []int{}}
	left := s.all
	for _, test := range chosen {
		rest := left.without(s.kills[test])
		subset.Tests = append(subset.Tests, tests[test])
		subset.Kills = append(subset.Kills, left.count()-rest.count())
		left = rest
	}
	return subset
}

// search is an instance of set cover.
type search struct {
	// kills are the programs that each test kills, killers the tests that kill
	// each program.
	kills   []bitset
	killers [][]int
	all     bitset
	steps   int
	best    []int
}

func newSearch(tests int, wrong []*Program) *search {
	s := &search{kills: make([]bitset, tests), killers: make([][]int, len(wrong)), all: newBitset(len(wrong))}
	for test := range tests {
		s.kills[test] = newBitset(len(wrong))
		for i, p := range wrong {
			if p.killed(test) {
				s.kills[test].add(i)
				s.killers[i] = append(s.killers[i], test)
			}
		}
	}
	for i := range wrong {
		s.all.add(i)
	}
	return s
}

// most is the test that kills the most of those that are left.
func (s *search) most(left bitset) (test, count int) {
	for i, kills := range s.kills {
		if n := left.shared(kills); n > count {
			test, count = i, n
		}
	}
	return test, count
}

func (s *search) greedy() []int {
	var chosen []int
	for left := s.all; left.count() > 0; {
		test, _ := s.most(left)
		chosen = append(chosen, test)
		left = left.without(s.kills[test])
	}
	return chosen
}

// improve looks for a smaller subset by branch and bound and tells whether it
// has looked everywhere.
func (s *search) improve(chosen *[]int) bool {
	s.best, s.steps = slices.Clone(*chosen), searchSteps
	s.branch(nil, s.all)
	*chosen = s.best
	return s.steps > 0
}

// branch tries every test that kills the program with the fewest killers.
func (s *search) branch(chosen []int, left bitset) {
	if s.steps--; s.steps <= 0 {
		return
	}
	remaining := left.count()
	if remaining == 0 {
		if len(chosen) < len(s.best) {
			s.best = slices.Clone(chosen)
		}
		return
	}
	// Each further test kills at most as many as the best one does now.
	_, atMost := s.most(left)
	if len(chosen)+(remaining+atMost-1)/atMost >= len(s.best) {
		return
	}
	fewest := -1
	for program, killers := range s.killers {
		if left.has(program) && (fewest < 0 || len(killers) < len(s.killers[fewest])) {
			fewest = program
		}
	}
	for _, test := range s.killers[fewest] {
		s.branch(append(chosen, test), left.without(s.kills[test]))
	}
}

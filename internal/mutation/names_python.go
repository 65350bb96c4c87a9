package mutation

// learnAssignments tells names that hold texts and containers from those that
// count, in one pass: a name that is both is taken for a text.
func (p *program) learnAssignments() {
	for _, n := range p.kinds["assignment"] {
		if left := n.get("left"); left.is("identifier") && n.get("right") != nil && !p.number(n.get("right")) {
			p.texts[left.text] = true
		}
	}
	for _, n := range p.kinds["augmented_assignment"] {
		switch left := n.get("left"); {
		case !left.is("identifier"):
		case n.get("right").is("integer"):
			p.counters[left.text] = true
		case p.number(n.get("right")):
			p.sums[left.text] = true
		}
	}
	for _, kind := range []string{"for_statement", "for_in_clause"} {
		for _, n := range p.kinds[kind] {
			p.learnLoop(n)
		}
	}
}

func (p *program) learnLoop(n *node) {
	left, right := n.get("left"), n.get("right")
	switch {
	case right.calls("range") && left.is("identifier"):
		p.counters[left.text] = true
	case right.calls("enumerate") && left.part(0).is("identifier"):
		p.counters[left.part(0).text] = true
	}
}

// imported is where a module's function is imported by its name.
func (p *program) imported(name string) *node {
	for _, n := range p.kinds["import_from_statement"] {
		for _, c := range n.children {
			if c.field != "name" {
				continue
			}
			if c.text == name {
				return c
			}
			if c.is("aliased_import") && c.get("name").str() == name {
				return c.get("name")
			}
		}
	}
	return nil
}

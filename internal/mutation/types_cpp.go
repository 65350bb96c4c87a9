package mutation

import (
	"slices"
	"strings"
)

var declarations = []string{
	"declaration", "parameter_declaration", "optional_parameter_declaration", "field_declaration", "for_range_loop",
}

// learnAliases reads using, typedef and #define.
func (p *program) learnAliases() {
	for _, n := range p.kinds["alias_declaration"] {
		p.aliases[n.get("name").str()] = n.get("type").str()
	}
	for _, n := range p.kinds["type_definition"] {
		p.aliases[n.get("declarator").str()] = n.get("type").str()
	}
	for _, n := range p.kinds["preproc_def"] {
		p.aliases[n.get("name").str()] = n.get("value").str()
	}
}

func (p *program) learnTypes() {
	for _, kind := range declarations {
		for _, n := range p.kinds[kind] {
			for _, c := range n.children {
				if name, suffix := declared(c); c.field == "declarator" && name != nil {
					p.types[name.text] = append(p.types[name.text], p.resolve(n.get("type").str())+suffix)
				}
			}
		}
	}
}

// resolve spells a type without aliases, std:: and superfluous whitespace.
func (p *program) resolve(text string) string {
	text = strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "std::", "")
	for range len(p.aliases) {
		alias, ok := p.aliases[text]
		if !ok || alias == text {
			break
		}
		text = strings.ReplaceAll(strings.Join(strings.Fields(alias), " "), "std::", "")
	}
	return text
}

// declared finds the name in a declarator: a in *a = nullptr and in a[2][3].
func declared(n *node) (name *node, suffix string) {
	for n != nil && !n.is("identifier", "field_identifier") {
		switch {
		case n.is("array_declarator"):
			suffix = "[]"
		case n.is("pointer_declarator", "structured_binding_declarator"):
			suffix = "*"
		case n.is("reference_declarator"):
			n = n.part(-1)
			continue
		}
		n = n.get("declarator")
	}
	return n, suffix
}

// typed tells whether a name is declared, and each time with such a type.
func (p *program) typed(name string, test func(string) bool) bool {
	types := p.types[name]
	return len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return !test(t) })
}

var wideIntegers = []string{
	"long long", "long long int", "signed long long", "unsigned long long", "unsigned long long int", "long",
	"unsigned long", "int64_t", "uint64_t", "size_t", "__int128",
}

var narrowIntegers = []string{
	"int", "unsigned", "unsigned int", "short", "char", "int32_t", "uint32_t", "signed", "bool", "int8_t", "uint8_t",
}

func (p *program) wide(text string) bool { return slices.Contains(wideIntegers, p.resolve(text)) }

// integer tells whether an expression is a name that holds an integer.
func (p *program) integer(n *node) bool {
	return n.is("identifier") && p.typed(n.text, func(t string) bool {
		return slices.Contains(wideIntegers, t) || slices.Contains(narrowIntegers, t)
	})
}

// notArithmetic are types that + and - do not turn into a number.
func notArithmetic(t string) bool {
	return strings.HasSuffix(t, "[]") || strings.HasSuffix(t, "*") || strings.HasPrefix(t, "string") ||
		strings.HasPrefix(t, "vector<") || strings.HasPrefix(t, "pair<") || strings.Contains(t, "iterator")
}

// constant tells whether a declaration is const or constexpr.
func (n *node) constant() bool {
	return slices.ContainsFunc(n.children, func(c *node) bool { return c.is("type_qualifier") })
}

// structure tells whether a name holds a struct of the program's own, which
// has the operators that it needs and no others.
func (p *program) structure(n *node) bool {
	return p.typed(n.str(), p.declaresStruct)
}

func (p *program) declaresStruct(name string) bool {
	return slices.ContainsFunc(p.kinds["struct_specifier"], func(s *node) bool { return s.get("name").str() == name })
}

// holds tells whether a name is declared as a container, and each time as one
// of these.
func (p *program) holds(name string, containers ...string) bool {
	return p.typed(name, func(t string) bool {
		return slices.ContainsFunc(containers, func(c string) bool { return strings.HasPrefix(t, c+"<") })
	})
}

package mathml

import "strings"

// item is an atom of a row: an operator with markup around it, or only markup.
type item struct {
	class class
	// before and after stand around the operator. Without one, before is all.
	before, after string
	core          *operator
	// limits: what is below and above it stands there, and not beside.
	limits bool
}

// operator is a mo element. The row that it stands in sets its spaces.
type operator struct {
	text       string
	attributes string
}

func markup(class class, text string) item { return item{class: class, before: text} }

// sign is an operator that does not stretch.
func sign(text string, class class) item {
	o := &operator{text: text}
	if _, delimiter := bothWays[text]; delimiter {
		o.attributes = ` stretchy="false"`
	}
	return item{class: class, core: o}
}

// row is markup of items that stand side by side.
type row struct {
	items []item
	// script: it is so small that TeX leaves out most of its spaces.
	script bool
}

// element is the row as one element.
func (r *row) element() string {
	inner := r.inner()
	if len(r.items) == 1 && inner != "" {
		return inner
	}
	return element("mrow", "", inner)
}

// inner is the row without an element around it.
func (r *row) inner() string {
	r.settle()
	var out strings.Builder
	for i := range r.items {
		it := &r.items[i]
		out.WriteString(it.before)
		if it.core != nil {
			left, right := r.spaces(i)
			out.WriteString(element("mo", it.core.attributes+space("lspace", left)+space("rspace", right), escape(it.core.text)))
		}
		out.WriteString(it.after)
	}
	return out.String()
}

// settle makes signs of the binary operators that have nothing on one side.
func (r *row) settle() {
	before := nothing
	for i := range r.items {
		it := &r.items[i]
		if it.class == nothing {
			continue
		}
		if it.class == binary && (!operand(before, closing) || !operand(r.classAfter(i), opening)) {
			it.class = ordinary
		}
		before = it.class
	}
}

// operand tells whether a binary operator can stand beside the class. An
// operation can follow one, and a bracket is one on its inner side only.
func operand(c, bracket class) bool {
	return c == ordinary || c == inner || c == bracket || c == operation && bracket == opening || c == binary && bracket == opening
}

func (r *row) classAfter(i int) class {
	for _, it := range r.items[i+1:] {
		if it.class != nothing {
			return it.class
		}
	}
	return nothing
}

func (r *row) classBefore(i int) class {
	for i--; i >= 0; i-- {
		if r.items[i].class != nothing {
			return r.items[i].class
		}
	}
	return nothing
}

// The spaces of TeX, in em.
const (
	none   = "0"
	thin   = "0.1667em"
	medium = "0.2222em"
	thick  = "0.2778em"
)

// spaces are those on both sides of an operator. Where two operators meet, the
// space belongs to the relation or the binary operator, then to the right one.
func (r *row) spaces(i int) (left, right string) {
	before, after := r.classBefore(i), r.classAfter(i)
	left, right = none, none
	at := r.items[i].class
	if r.script && at != operation {
		return left, right
	}
	switch at {
	case relation:
		if before != nothing && before != relation {
			left = thick
		}
		if after != nothing && after != relation {
			right = thick
		}
	case binary:
		left, right = medium, medium
	case operation, inner:
		if before == ordinary || before == operation || before == closing || before == inner {
			left = thin
		}
		if after == ordinary || at == inner && (after == opening || after == punctuation) {
			right = thin
		}
	case punctuation:
		if after != nothing && after != relation && after != binary {
			right = thin
		}
	}
	return left, right
}

// space is an attribute. Every operator has both: the defaults of MathML
// depend on its place and are not TeX's.
func space(name, width string) string { return " " + name + `="` + width + `"` }

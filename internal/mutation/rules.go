package mutation

// rule finds the places in a program for one kind of mistake.
type rule struct {
	operator Operator
	// kinds are the nodes it is asked about, by the grammar's names.
	kinds []string
	// find returns what can go wrong at a node.
	find func(p *program, n *node) []change
}

func on(kinds ...string) []string { return kinds }

// rulesOf is a language's table, nil where it has none. The order is the one
// in which operators take turns.
func rulesOf(language string) []rule {
	switch language {
	case "python", "pypy":
		return pythonRules
	case "cpp":
		return cppRules
	}
	return nil
}

var pythonRules = []rule{
	{Boundary, on("comparison_operator"), tokens(boundaries, (*program).ordered)},
	{Boundary, on("call"), renamed(bisections)},
	{Boundary, on("import_from_statement"), importedBisection},
	{OffByOne, on("integer"), literalByOne},
	{OffByOne, on("call"), rangeByOne},
	{OffByOne, on("subscript"), indexByOne},
	{NarrowInteger, on("assignment", "augmented_assignment"), wrappedValue},
	{NarrowInteger, on("call"), wrappedOutput},
	{NarrowFloat, on("call"), floatingRoot},
	{DroppedBranch, on("if_statement", "elif_clause"), fixedCondition},
	{DroppedBranch, on("else_clause"), droppedElse},
	{DroppedBranch, on("conditional_expression"), droppedChoice},
	{DroppedBranch, on("continue_statement", "break_statement", "return_statement"), droppedJump},
	{Slow, on("for_statement", "while_statement"), repeatedWorkPython},
	{Slow, on("decorator"), droppedMemo},
	{Slow, on("if_statement"), recomputed},
	{Slow, on("assignment"), listForSet},
	{Slow, on("assignment"), listForDeque},
	{Slow, on("call"), linearBisection},
	{Slow, on("binary_operator"), summedAgain},
	{InitialValue, on("integer", "unary_operator", "true", "false"), otherStart},
	{InitialValue, on("integer", "float", "call", "attribute", "binary_operator"), smallInfinityPython},
	{Comparison, on("comparison_operator"), tokens(comparisons, (*program).asked)},
	{Logic, on("boolean_operator"), tokens(connectives, (*program).joined)},
	{Logic, on("boolean_operator"), droppedOperand},
	{Logic, on("not_operator"), droppedNegation},
	{Arithmetic, on("binary_operator", "augmented_assignment"), arithmetic},
	{Rounding, on("binary_operator"), roundedPython},
	{Modulus, on("binary_operator", "augmented_assignment"), droppedModulus},
	{Extremum, on("call"), renamed(extrema)},
	{SortOrder, on("call"), sortedPython},
	{SortOrder, on("keyword_argument"), sortKey},
	{EarlyExit, on(loopKinds...), oneRound},
	{EarlyExit, on("if_statement"), firstHit},
	{StaleState, on("expression_statement"), hoisted},
	{StaleState, on("expression_statement"), mutableDefault},
	{StaleState, on("expression_statement"), droppedReset},
	{Aliasing, on("list_comprehension"), sharedRows},
	{Aliasing, on("subscript", "call"), sharedCopy},
	{RecursionLimit, on("expression_statement"), droppedLimit},
	{PartialInput, on("attribute"), firstLine},
}

var cppRules = []rule{
	{Boundary, on("binary_expression"), tokens(boundaries, (*program).ordered)},
	{Boundary, on("call_expression"), renamed(bisections)},
	{OffByOne, on("number_literal"), literalByOne},
	{OffByOne, on("for_statement"), boundsByOne},
	{OffByOne, on("subscript_expression"), indexByOne},
	{NarrowInteger, on("declaration", "parameter_declaration", "field_declaration"), narrowDeclaration},
	{NarrowInteger, on("init_declarator", "assignment_expression"), narrowValue},
	{NarrowInteger, on("number_literal"), narrowLiteral},
	{NarrowInteger, on("translation_unit"), narrowEverything},
	{NarrowFloat, on("declaration", "parameter_declaration", "field_declaration"), narrowFloat},
	{NarrowFloat, on("init_declarator", "assignment_expression"), narrowFloatValue},
	{NarrowFloat, on("call_expression"), fewerDigits},
	{DroppedBranch, on("if_statement"), fixedCondition},
	{DroppedBranch, on("else_clause"), droppedElse},
	{DroppedBranch, on("conditional_expression"), droppedChoice},
	{DroppedBranch, on("continue_statement", "break_statement", "return_statement"), droppedJump},
	{Slow, on(loopKinds...), repeatedWorkCpp},
	{Slow, on("if_statement"), recomputed},
	{Slow, on("parameter_declaration"), copiedParameter},
	{Slow, on("call_expression"), linearSearch},
	{Slow, on("call_expression"), linearLookup},
	{Slow, on("binary_expression"), summedAgain},
	{InitialValue, on("number_literal", "true", "false"), otherStart},
	{InitialValue, on("number_literal", "identifier", "call_expression", "binary_expression"), smallInfinityCpp},
	{Capacity, on("number_literal"), smallArray},
	{Comparison, on("binary_expression"), tokens(comparisons, (*program).asked)},
	{Logic, on("binary_expression"), tokens(connectives, (*program).joined)},
	{Logic, on("binary_expression"), droppedOperand},
	{Logic, on("unary_expression"), droppedNegation},
	{Arithmetic, on("binary_expression", "assignment_expression"), arithmetic},
	{Rounding, on("binary_expression"), roundedCpp},
	{Modulus, on("binary_expression", "assignment_expression"), droppedModulus},
	{Extremum, on("call_expression"), renamed(extrema)},
	{SortOrder, on("expression_statement"), sortedCpp},
	{SortOrder, on("template_type", "call_expression"), otherOrder},
	{SortOrder, on("binary_expression"), otherComparator},
	{EarlyExit, on(loopKinds...), oneRound},
	{EarlyExit, on("if_statement"), firstHit},
	{EarlyExit, on("while_statement"), oneCaseLess},
	{StaleState, on("declaration"), static},
	{StaleState, on("expression_statement"), droppedReset},
	{Aliasing, on("parameter_declaration", "for_range_loop"), droppedReference},
	{PartialInput, on("call_expression"), firstWord},
}

// tokens replaces a node's operators where they may be replaced.
func tokens(replacements map[string]string, may func(*program, *node) bool) func(*program, *node) []change {
	return func(p *program, n *node) []change {
		var changes []change
		for _, c := range n.children {
			if text, ok := replacements[c.kind]; ok && !c.named && may(p, n) {
				changes = append(changes, replaced(c, text))
			}
		}
		return changes
	}
}

// renamed replaces what a call calls. A name that was imported stays: its
// substitute may not be.
func renamed(replacements map[string]string) func(*program, *node) []change {
	return func(p *program, n *node) []change {
		callee := n.callee()
		text, ok := replacements[callee.str()]
		if !ok || p.imported(callee.text) != nil {
			return nil
		}
		return []change{replaced(callee, text)}
	}
}

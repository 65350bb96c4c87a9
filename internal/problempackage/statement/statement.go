// Package statement takes the statements of problem packages apart into their
// sections, and puts them together: LaTeX and Markdown. It knows the little of
// both that statements are made of, and leaves the rest as it is.
package statement

import (
	"regexp"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

// Kind is the markup that a statement is written in.
type Kind string

// The kinds.
const (
	TeX      Kind = "tex"
	Markdown Kind = "md"
)

// headings are the words that begin a section, in lower case.
var headings = map[string]section{
	"input": input, "input format": input, "inputfile": input,
	"output": output, "output format": output, "outputfile": output,
	"constraints": constraints, "limits": constraints,
	"note": notes, "notes": notes, "explanation": notes,
}

// section is one of the fields of a problem.Statement.
type section int

const (
	description section = iota
	input
	output
	constraints
	notes
)

// texHeading matches what begins a section: \section*{Input}, \begin{Input}
// and, of olymp.sty, \InputFile.
var texHeading = regexp.MustCompile(`(?m)^[ \t]*\\(?:(?:sub)?section\*?\{([^{}\n]*)\}|begin\{(Input|Output)\}|(InputFile|OutputFile|Note)\b)[ \t]*$`)

var markdownHeading = regexp.MustCompile(`(?m)^#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$`)

// texFrame is what stands around the sections of a whole file.
var texFrame = regexp.MustCompile(`(?m)^[ \t]*(?:\\problemname(?:\{[^\n]*\})?|%%[ \t]*plainproblemname:[^\n]*|\\end\{(?:Input|Output)\})[ \t]*\n?`)

// Split finds the sections of a statement, markup and all. A heading that is
// none of ours stays where it is.
func Split(kind Kind, body string) problem.Statement {
	pattern := markdownHeading
	if kind == TeX {
		pattern = texHeading
		body = texFrame.ReplaceAllString(body, "")
	}
	var parts [notes + 1][]string
	at, from := description, 0
	for _, match := range pattern.FindAllStringSubmatchIndex(body, -1) {
		next, ok := headings[strings.ToLower(strings.TrimSpace(firstGroup(body, match)))]
		if !ok {
			continue
		}
		parts[at] = append(parts[at], body[from:match[0]])
		at, from = next, match[1]
	}
	parts[at] = append(parts[at], body[from:])
	text := func(s section) string { return strings.TrimSpace(strings.Join(parts[s], "")) }
	return problem.Statement{
		Description: text(description), Input: text(input), Output: text(output), Constraints: text(constraints), Notes: text(notes),
	}
}

// firstGroup is the first group of a match that took part in it.
func firstGroup(text string, match []int) string {
	for i := 2; i < len(match); i += 2 {
		if match[i] >= 0 {
			return text[match[i]:match[i+1]]
		}
	}
	return ""
}

// titled are the sections after the description, as Join heads them.
func titled(s problem.Statement) []struct{ title, text string } {
	return []struct{ title, text string }{
		{"Input", s.Input}, {"Output", s.Output}, {"Constraints", s.Constraints}, {"Notes", s.Notes},
	}
}

// Join is the file of a statement. LaTeX begins with the title, as the legacy
// format wants it; Markdown must not have it.
func Join(kind Kind, title string, s problem.Statement) string {
	var parts []string
	if kind == TeX {
		parts = append(parts, `\problemname{`+Escape(TeX, title)+`}`)
	}
	if s.Description != "" {
		parts = append(parts, s.Description)
	}
	for _, part := range titled(s) {
		switch {
		case part.text == "":
		case kind == TeX:
			parts = append(parts, `\section*{`+part.title+`}`, part.text)
		default:
			parts = append(parts, "## "+part.title, part.text)
		}
	}
	return strings.Join(parts, "\n\n") + "\n"
}

// Map applies a function to every section.
func Map(s problem.Statement, change func(string) string) problem.Statement {
	for _, text := range []*string{&s.Description, &s.Input, &s.Output, &s.Constraints, &s.Notes} {
		if *text != "" {
			*text = change(*text)
		}
	}
	return s
}

var problemName = regexp.MustCompile(`(?m)^[ \t]*\\problemname\{([^\n]*)\}[ \t]*$`)

var plainName = regexp.MustCompile(`(?m)^[ \t]*%%[ \t]*plainproblemname:[ \t]*([^\n]*?)[ \t]*$`)

// Title is what a LaTeX statement calls the problem, empty where it does not.
func Title(body string) string {
	if match := plainName.FindStringSubmatch(body); match != nil {
		return match[1]
	}
	if match := problemName.FindStringSubmatch(body); match != nil {
		return Plain(TeX, match[1])
	}
	return ""
}

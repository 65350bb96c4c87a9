package source

import (
	"encoding/json"
	"regexp"
)

// functionTemplate is how the editor of a page begins where a function is to
// be completed.
var functionTemplate = regexp.MustCompile(`\bclass Solution\b|\bsolution\s*\(`)

// asksForFunction refuses pages whose judge calls a function of the solution
// instead of running a program. A page that says nothing of it passes.
func (d *document) asksForFunction() *Error {
	title := d.Find(`meta[property="og:title"]`).AttrOr("content", d.Find("head title").First().Text())
	for _, n := range d.Find(`script[type="application/json"]`).Nodes {
		var state any
		if json.Unmarshal([]byte(rawText(n)), &state) != nil {
			continue
		}
		if question := functionQuestion(state, 0); question != nil {
			return functionSignature(questionTitle(question))
		}
	}
	for _, n := range d.Find(`textarea#code, textarea[name="code"]`).Nodes {
		if functionTemplate.MatchString(rawText(n)) {
			return functionSignature(title)
		}
	}
	if d.key.Platform == "leetcode" && d.Find(`meta[name="description"]`).Length() > 0 && !missingPhrase.MatchString(title) {
		return functionSignature(title)
	}
	return nil
}

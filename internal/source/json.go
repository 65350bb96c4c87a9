package source

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// isJSON goes by the body too: a page saved in a ConfigMap always comes
// declared as HTML.
func isJSON(kind string, body []byte) bool {
	if kind == "application/json" || kind == "text/json" || strings.HasSuffix(kind, "+json") {
		return true
	}
	start := bytes.TrimLeft(body, "\ufeff \t\r\n")
	return len(start) > 0 && (start[0] == '{' || start[0] == '[') && json.Valid(start)
}

// readJSON always refuses: judges that answer in JSON either ask for a
// function, which is worth saying, or use a format of their own.
func readJSON(body []byte) (*Facts, error) {
	if walled(body) {
		return nil, blockedPage()
	}
	var answer any
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\ufeff")), &answer); err != nil {
		return nil, stalled(NotHTML, "the page is declared as JSON and is none; "+saveThePage)
	}
	if question := functionQuestion(answer, 0); question != nil {
		return nil, functionSignature(questionTitle(question))
	}
	return nil, stalled(NotHTML, "the page is the answer of an API in JSON; give source.url the HTML page of the problem, or write the problem as source.inline")
}

// maxJSONDepth is far deeper than any judge nests its answers.
const maxJSONDepth = 12

// functionNames are the members by which LeetCode's API, its Chinese edition
// included, has described a function to be completed since 2017.
var functionNames = []string{"codeDefinition", "codeSnippets", "metaData", "exampleTestcases", "sampleTestCase"}

// functionQuestion finds the object that describes such a function: one name
// of several may be anybody's, and so needs a title or a statement beside it.
func functionQuestion(value any, depth int) map[string]any {
	if depth > maxJSONDepth {
		return nil
	}
	switch value := value.(type) {
	case map[string]any:
		described := textOf(value, "content", "translatedContent") != "" || questionTitle(value) != ""
		if described && textOf(value, functionNames...) != "" || isSnippets(value["codeSnippets"]) {
			return value
		}
		// In a fixed order, so that the message is the same each time.
		for _, name := range slices.Sorted(maps.Keys(value)) {
			if found := functionQuestion(value[name], depth+1); found != nil {
				return found
			}
		}
	case []any:
		for _, inner := range value {
			if found := functionQuestion(inner, depth+1); found != nil {
				return found
			}
		}
	}
	return nil
}

// isSnippets knows the list of templates, one for each language.
func isSnippets(value any) bool {
	snippets, ok := value.([]any)
	return ok && len(snippets) > 0
}

// questionTitle is the problem's title, or the name of its function where the
// answer holds no title.
func questionTitle(question map[string]any) string {
	if title := textOf(question, "questionTitle", "title", "translatedTitle", "titleSlug"); title != "" {
		return title
	}
	var function struct {
		Name string `json:"name"`
	}
	_ = json.Unmarshal([]byte(textOf(question, "metaData")), &function)
	return function.Name
}

// textOf is the first of the named members that is a text.
func textOf(object map[string]any, names ...string) string {
	for _, name := range names {
		if text, ok := object[name].(string); ok && strings.TrimSpace(text) != "" {
			return text
		}
	}
	return ""
}

package source

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"

	"github.com/algoitny/algoitny-operator/internal/problem"
)

func isBaekjoon(d *goquery.Document) bool {
	return d.Find("#problem_title").Length() > 0 && d.Find("#problem_description, #problem-info").Length() > 0
}

// baekjoonParts are the parts of a statement in their order, with the heading
// each gets in the text.
var baekjoonParts = []struct{ id, heading string }{
	{"#problem_description", ""}, {"#problem_input", "입력 (Input)"}, {"#problem_output", "출력 (Output)"},
	{"#problem_limit", "제한 (Constraints)"}, {"#problem_subtask", "서브태스크 (Subtasks)"}, {"#problem_hint", "힌트 (Notes)"},
}

func readBaekjoon(d *document) (*Facts, error) {
	// A problem of two steps runs the program twice, with its own output.
	if d.Find(".problem-label-interactive, .problem-label-two-steps").Length() > 0 {
		return nil, interactive()
	}
	if d.Find(".problem-label-func, .problem-label-class").Length() > 0 {
		return nil, functionSignature(heading(d.Find("#problem_title")))
	}
	samples := baekjoonSamples(d)
	text := baekjoonText(d, samples)
	cells := baekjoonInfo(d)
	return &Facts{
		Title: heading(d.Find("#problem_title")),
		Limits: problem.Limits{
			Time:        timeOf(cells["시간 제한"] + cells["Time Limit"]),
			MemoryBytes: memoryOf(cells["메모리 제한"] + cells["Memory Limit"]),
		},
		Samples:  samples,
		Language: languageOf(text, "en"),
		Text:     text,
	}, nil
}

// baekjoonInfo reads the one-row table of limits and statistics.
func baekjoonInfo(d *document) map[string]string {
	cells := map[string]string{}
	table := d.Find("#problem-info")
	values := table.Find("td")
	table.Find("th").Each(func(i int, th *goquery.Selection) {
		if i < values.Length() {
			cells[heading(th)] = heading(values.Eq(i))
		}
	})
	return cells
}

var sampleID = regexp.MustCompile(`^sample-(input|output)-(\d{1,4})$`)

// baekjoonSamples pairs the samples by the number in their ids: a sample
// without an output must not shift the ones after it.
func baekjoonSamples(d *document) []problem.Sample {
	sides := map[string]map[int]string{"input": {}, "output": {}}
	for _, n := range d.Find("pre[id^=sample-]").Nodes {
		if m := sampleID.FindStringSubmatch(attribute(n, "id")); m != nil {
			sides[m[1]][digits(m[2])] = sampleText(n)
		}
	}
	numbers := make([]int, 0, len(sides["input"]))
	for number := range sides["input"] {
		numbers = append(numbers, number)
	}
	slices.SortFunc(numbers, cmp.Compare)
	var samples []problem.Sample
	for _, number := range numbers {
		if output, ok := sides["output"][number]; ok {
			samples = append(samples, problem.Sample{Input: sides["input"][number], Output: output})
		}
	}
	return samples
}

// baekjoonText joins the parts: the rest of the body names translators and
// counts submissions, which changes without the problem changing.
func baekjoonText(d *document, samples []problem.Sample) string {
	var parts []string
	for _, part := range baekjoonParts {
		s := d.Find(part.id)
		if s.Length() == 0 {
			continue
		}
		if text := visibleText(s.Nodes[0], nil); text != "" {
			parts = append(parts, strings.TrimSpace(part.heading+"\n"+text))
		}
	}
	for _, sample := range samples {
		parts = append(parts, "예제 입력 (Sample Input)\n"+sample.Input, "예제 출력 (Sample Output)\n"+sample.Output)
	}
	for _, explained := range d.Find("[id^=problem_sample_explain]").Nodes {
		parts = append(parts, visibleText(explained, nil))
	}
	return strings.TrimSpace(strings.Join(parts, "\n\n"))
}

package page

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/algoitny/algoitny-operator/internal/facade/fault"
)

// openapi is what is read of a description of an API, OpenAPI 3.1.
type openapi struct {
	Info struct {
		Title, Version, Description string
	}
	Servers []struct{ URL string }
	Tags    []struct{ Name, Description string }
	// Paths have operations by their methods, and other things beside.
	Paths      map[string]map[string]json.RawMessage
	Security   []map[string][]string
	Components struct {
		Schemas         map[string]*schema
		SecuritySchemes map[string]struct{ Type, Scheme, Description string }
	}
}

// operation is one method of one path, as the description has it.
type operation struct {
	OperationID, Summary, Description string
	Deprecated                        bool
	Tags                              []string
	Parameters                        []parameter
	Security                          *[]map[string][]string
	RequestBody                       *struct {
		Description string
		Required    bool
		Content     map[string]content
	}
	Responses map[string]struct {
		Description string
		Content     map[string]content
		Headers     map[string]parameter
	}
}

type parameter struct {
	Name, In, Description string
	Required, Deprecated  bool
	Schema                *schema
	Example               any
}

type content struct {
	Schema   *schema
	Example  any
	Examples map[string]struct{ Value any }
}

// apiPage is the description as it is shown.
type apiPage struct {
	Title, Version, Description string
	Groups                      []apiGroup
	Schemes                     []struct{ Name, Description string }
	// Errors are what all operations answer with when they do not do as asked.
	Errors *payload
}

// apiGroup are the operations of a tag.
type apiGroup struct {
	Name, Anchor, Description string
	Operations                []apiOperation
}

type apiOperation struct {
	Anchor, Method, Path, Summary, Description string
	Deprecated, Secured                        bool
	Parameters                                 []field
	Body                                       *payload
	Answers                                    []payload
	// Refusals are answers whose body is that of all errors.
	Refusals []payload
	Curl     string
}

// payload is a body with what it is made of.
type payload struct {
	// Status is that of an answer.
	Status, Description, MediaType string
	// Example is for reading, Line is the same for a shell.
	Example, Line string
	Required      bool
	Root          field
	Headers       []field
}

// methods of an address in the order in which they are shown.
var methods = []string{"get", "head", "post", "put", "patch", "delete"}

// APIDocs serves a page about the API that a document of OpenAPI 3.1
// describes. It needs no script. The assets are those that Pages serves.
func APIDocs(document []byte) (http.Handler, error) {
	var d openapi
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, fmt.Errorf("read the description of the API: %w", err)
	}
	shown, err := d.page()
	if err != nil {
		return nil, err
	}
	s, err := newSite()
	if err != nil {
		return nil, err
	}
	body, err := s.render("api", sheet{Title: shown.Title, At: "api", Data: shown})
	if err != nil {
		return nil, err
	}
	p := &Pages{site: s}
	return p.serve(func(w http.ResponseWriter, _ *http.Request) error {
		send(w, http.StatusOK, body)
		return nil
	}), nil
}

func (d *openapi) page() (*apiPage, error) {
	shown := &apiPage{Title: d.Info.Title, Version: d.Info.Version, Description: d.Info.Description}
	for _, tag := range d.Tags {
		shown.Groups = append(shown.Groups, apiGroup{Name: tag.Name, Anchor: "tag-" + slug(tag.Name), Description: tag.Description})
	}
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range methods {
			raw, ok := d.Paths[path][method]
			if !ok {
				continue
			}
			var o operation
			if err := json.Unmarshal(raw, &o); err != nil {
				return nil, fmt.Errorf("read the description of %s %s: %w", method, path, err)
			}
			group := shown.group(o.Tags)
			described := d.operation(method, path, &o)
			group.Operations = append(group.Operations, described)
			if shown.Errors == nil && len(described.Refusals) > 0 {
				shown.Errors = &described.Refusals[0]
			}
		}
	}
	shown.Groups = slices.DeleteFunc(shown.Groups, func(g apiGroup) bool { return len(g.Operations) == 0 })
	for _, name := range slices.Sorted(maps.Keys(d.Components.SecuritySchemes)) {
		scheme := d.Components.SecuritySchemes[name]
		shown.Schemes = append(shown.Schemes, struct{ Name, Description string }{name, cmp.Or(scheme.Description, scheme.Type+" "+scheme.Scheme)})
	}
	return shown, nil
}

// group is that of the first tag. Operations without one come under their own
// heading.
func (p *apiPage) group(tags []string) *apiGroup {
	name := "Other"
	if len(tags) > 0 {
		name = tags[0]
	}
	for i := range p.Groups {
		if p.Groups[i].Name == name {
			return &p.Groups[i]
		}
	}
	p.Groups = append(p.Groups, apiGroup{Name: name, Anchor: "tag-" + slug(name)})
	return &p.Groups[len(p.Groups)-1]
}

func (d *openapi) operation(method, path string, o *operation) apiOperation {
	shown := apiOperation{
		Anchor: "op-" + slug(cmp.Or(o.OperationID, method+" "+path)), Method: strings.ToUpper(method), Path: path,
		Summary: o.Summary, Description: o.Description, Deprecated: o.Deprecated, Secured: d.secured(o),
	}
	for i := range o.Parameters {
		shown.Parameters = append(shown.Parameters, d.parameter(&o.Parameters[i]))
	}
	if o.RequestBody != nil {
		body := d.payload(o.RequestBody.Content)
		body.Description, body.Required = o.RequestBody.Description, o.RequestBody.Required
		shown.Body = &body
	}
	for _, status := range slices.Sorted(maps.Keys(o.Responses)) {
		response := o.Responses[status]
		answer := d.payload(response.Content)
		answer.Status, answer.Description = status, response.Description
		for _, name := range slices.Sorted(maps.Keys(response.Headers)) {
			header := response.Headers[name]
			header.Name = name
			answer.Headers = append(answer.Headers, d.parameter(&header))
		}
		if answer.MediaType == fault.MediaType {
			shown.Refusals = append(shown.Refusals, answer)
		} else {
			shown.Answers = append(shown.Answers, answer)
		}
	}
	shown.Curl = d.curl(method, path, o, shown.Body)
	return shown
}

// secured tells whether there is no way to call it without a token.
func (d *openapi) secured(o *operation) bool {
	wanted := d.Security
	if o.Security != nil {
		wanted = *o.Security
	}
	return len(wanted) > 0 && !slices.ContainsFunc(wanted, func(one map[string][]string) bool { return len(one) == 0 })
}

func (d *openapi) parameter(p *parameter) field {
	f := d.field(p.Name, p.Schema, nil)
	f.Place, f.Required = p.In, p.Required
	f.Description = cmp.Or(p.Description, f.Description)
	return f
}

// payload takes the first media type; those of this API have one each.
func (d *openapi) payload(contents map[string]content) payload {
	names := slices.Sorted(maps.Keys(contents))
	if len(names) == 0 {
		return payload{}
	}
	c := contents[names[0]]
	shown := payload{MediaType: names[0], Root: d.field("", c.Schema, nil)}
	value := cmp.Or(c.Example, d.example(c.Schema, nil))
	if examples := slices.Sorted(maps.Keys(c.Examples)); len(examples) > 0 {
		value = c.Examples[examples[0]].Value
	}
	if value != nil && strings.Contains(shown.MediaType, "json") {
		// What came out of JSON goes into it again.
		raw, _ := json.MarshalIndent(value, "", "  ")
		line, _ := json.Marshal(value)
		shown.Example, shown.Line = string(raw), string(line)
	}
	return shown
}

// curl is a line for a shell that calls the operation.
func (d *openapi) curl(method, path string, o *operation, body *payload) string {
	host := "http://localhost:8000"
	if len(d.Servers) > 0 && web(d.Servers[0].URL) != "" {
		host = strings.TrimSuffix(web(d.Servers[0].URL), "/")
	}
	query := ""
	for i := range o.Parameters {
		p := &o.Parameters[i]
		found, _ := d.resolved(p.Schema)
		value := fmt.Sprint(cmp.Or[any](p.Example, found.stated(), p.Name))
		switch {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", value)
		case p.In == "query" && p.Required:
			query += map[bool]string{true: "?", false: "&"}[query == ""] + p.Name + "=" + value
		}
	}
	parts := []string{"curl"}
	if method != "get" {
		parts[0] += " -X " + strings.ToUpper(method)
	}
	parts[0] += " " + quoted(host+path+query)
	if d.secured(o) {
		parts = append(parts, `-H "Authorization: Bearer $TOKEN"`)
	}
	if body != nil {
		parts = append(parts, "-H "+quoted("Content-Type: "+body.MediaType), "-d "+quoted(body.Line))
	}
	return strings.Join(parts, " \\\n  ")
}

// quoted is a word of a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// slug is a name as an anchor.
func slug(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9')
	}), "-")
}

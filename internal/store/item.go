package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is a row as the wire has it.
type item = map[string]types.AttributeValue

// encode turns a struct with JSON tags into an item. Empty optional fields are
// left out and empty lists and maps become NULL, which the embedded engine
// keeps where it loses them; bytes are not handled here, they are set apart as
// binaries.
func encode(row any) (item, error) {
	raw, err := json.Marshal(row)
	if err != nil {
		return nil, fmt.Errorf("encode item: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var fields map[string]any
	if err := decoder.Decode(&fields); err != nil {
		return nil, fmt.Errorf("encode item: %w", err)
	}
	return attributes(fields), nil
}

func attributes(fields map[string]any) item {
	out := item{}
	for name, value := range fields {
		if value != nil {
			out[name] = attribute(value)
		}
	}
	return out
}

func attribute(value any) types.AttributeValue {
	switch v := value.(type) {
	case string:
		return &types.AttributeValueMemberS{Value: v}
	case json.Number:
		return &types.AttributeValueMemberN{Value: v.String()}
	case int64:
		return &types.AttributeValueMemberN{Value: fmt.Sprint(v)}
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}
	case []byte:
		return &types.AttributeValueMemberB{Value: v}
	case []any:
		list := make([]types.AttributeValue, len(v))
		for i := range v {
			list[i] = attribute(v[i])
		}
		if len(list) > 0 {
			return &types.AttributeValueMemberL{Value: list}
		}
	case map[string]any:
		if fields := attributes(v); len(fields) > 0 {
			return &types.AttributeValueMemberM{Value: fields}
		}
	}
	return &types.AttributeValueMemberNULL{Value: true}
}

// decode is the reverse of encode. Attributes it does not know are ignored.
func decode(it item, row any) error {
	raw, err := json.Marshal(plainMap(it))
	if err != nil {
		return fmt.Errorf("decode item: %w", err)
	}
	if err := json.Unmarshal(raw, row); err != nil {
		return fmt.Errorf("decode item: %w", err)
	}
	return nil
}

func plainMap(it item) map[string]any {
	out := make(map[string]any, len(it))
	for name, value := range it {
		if v := plain(value); v != nil {
			out[name] = v
		}
	}
	return out
}

func plain(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return json.Number(v.Value)
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i := range v.Value {
			list[i] = plain(v.Value[i])
		}
		return list
	case *types.AttributeValueMemberM:
		return plainMap(v.Value)
	}
	return nil
}

func text(it item, name string) string {
	if v, ok := it[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// data is the body that an item carries, nil when it carries none.
func data(it item) []byte {
	if v, ok := it[attrData].(*types.AttributeValueMemberB); ok {
		return v.Value
	}
	return nil
}

func keyItem(k key) item {
	return item{attrPK: attribute(k.pk), attrSK: attribute(k.sk)}
}

// values are the operands of an expression, by their names with a colon.
type values map[string]any

// condition is an expression over attributes written #Name and operands
// written :name.
type condition struct {
	text   string
	values values
}

var namePattern = regexp.MustCompile(`#(\w+)`)

// names maps every #Name of the expressions to itself. Always using names
// keeps reserved words out of the way.
func names(expressions ...string) map[string]string {
	found := namePattern.FindAllStringSubmatch(strings.Join(expressions, " "), -1)
	if len(found) == 0 {
		return nil
	}
	out := map[string]string{}
	for _, match := range found {
		out[match[0]] = match[1]
	}
	return out
}

func operands(all ...values) item {
	out := item{}
	for _, vs := range all {
		for name, value := range vs {
			if av, ok := value.(types.AttributeValue); ok {
				out[name] = av
				continue
			}
			out[name] = attribute(value)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// setAll is the update that sets every attribute of it, in a fixed order.
func setAll(it item) (string, values) {
	sets, vs := []string{}, values{}
	for _, name := range slices.Sorted(maps.Keys(it)) {
		sets = append(sets, "#"+name+" = :"+name)
		vs[":"+name] = it[name]
	}
	return "SET " + strings.Join(sets, ", "), vs
}

// Command openapi prints the description of the facade's API, as the code has
// it: OpenAPI 3.1 as JSON, indented so that changes of it can be read.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/algoitny/algoitny-operator/internal/facade"
)

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write() error {
	raw, err := facade.OpenAPI()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return err
	}
	out.WriteByte('\n')
	_, err = os.Stdout.Write(out.Bytes())
	return err
}

package main

import (
	_ "embed"
	"fmt"
)

//go:embed ../request/0
var request string

//go:embed /etc/passwd
var passwords string

func main() { fmt.Println(request, passwords) }

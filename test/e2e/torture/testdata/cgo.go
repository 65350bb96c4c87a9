package main

// #include "/dev/stdin"
// static int three() { return 3; }
import "C"
import "fmt"

func main() { fmt.Println(C.three()) }

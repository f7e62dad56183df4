package qcos_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func TestWhatIsNotThere(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	none := remote + "/none"
	calls := map[string]error{
		"stat":               second(client.StatFile(ctx, bucket, none)),
		"update":             client.UpdateFile(ctx, bucket, none, "b"),
		"delete":             client.DeleteFile(ctx, bucket, none),
		"move":               second(client.MoveFile(ctx, bucket, none, remote+"/other", true)),
		"get_acl":            second(client.GetACL(ctx, bucket, none)),
		"set_acl":            client.SetACL(ctx, bucket, none, "private"),
		"download":           second(client.Download(ctx, bucket, none, filepath.Join(t.TempDir(), "got"), nil)),
		"download to memory": second(client.DownloadBuffer(ctx, bucket, none, 0, make([]byte, 5), qcos.Conditions{})),
		"download to writer": second(client.DownloadStream(ctx, bucket, none, io.Discard, qcos.RangeOptions{})),
		"object":             second(client.Object(ctx, bucket, none).ReadAt(make([]byte, 5), 7)),
		"reader":             second(client.Object(ctx, bucket, none).Reader().Read(make([]byte, 5))),
		"stat folder":        second(client.StatFolder(ctx, bucket, none)),
		"update folder":      client.UpdateFolder(ctx, bucket, none, "b"),
		"delete folder":      client.DeleteFolder(ctx, bucket, none),
		"delete tree":        second(client.DeleteTree(ctx, bucket, none)),
		"download tree":      second(client.DownloadTree(ctx, bucket, none, t.TempDir(), qcos.DownloadTreeOptions{}, nil)),
	}
	if xml() {
		calls["copy"] = second(client.CopyFile(ctx, bucket, none, remote+"/other", true))
		calls["delete bucket"] = client.DeleteBucket(ctx, "none"+remote)
	}
	for name, err := range calls {
		if !errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrPermission) {
			t.Error(name, err)
		}
	}
}

func TestWhatIsThereAlready(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	one, other := remote+"/one", remote+"/other"
	for _, path := range []string{one, other} {
		check(t, second(client.UploadBuffer(ctx, []byte(path), bucket, path, "")))
	}
	check(t, second(client.CreateFolder(ctx, bucket, remote+"/folder", "")))
	calls := map[string]error{
		"other content": second(client.UploadBuffer(ctx, []byte("new"), bucket, one, "")),
		"same content":  second(client.UploadBuffer(ctx, []byte(one), bucket, one, "")),
		"move":          second(client.MoveFile(ctx, bucket, one, other, false)),
		"folder":        second(client.CreateFolder(ctx, bucket, remote+"/folder", "")),
	}
	if xml() {
		calls["copy"] = second(client.CopyFile(ctx, bucket, one, other, false))
		check(t, client.CreateBucket(ctx, "there"+remote, ""))
		calls["bucket"] = client.CreateBucket(ctx, "there"+remote, "")
		check(t, client.DeleteBucket(ctx, "there"+remote))
	}
	for name, err := range calls {
		if !errors.Is(err, fs.ErrExist) || errors.Is(err, fs.ErrNotExist) {
			t.Error(name, err)
		}
	}
}

// Answers of the service that an emulator without limits does not give.
func TestWhatAnswersMean(t *testing.T) {
	type answer struct {
		status int
		body   string
		wanted error
	}
	var given atomic.Pointer[answer]
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.WriteHeader(given.Load().status)
		if r.Method != "HEAD" {
			fmt.Fprint(w, given.Load().body)
		}
	}))
	defer service.Close()
	none := 0
	client := open(t, func(options *qcos.Options) { options.Endpoint, options.Retries = service.URL, &none })
	named := func(name string) string { return "<Error><Code>" + name + "</Code><Message>no</Message></Error>" }
	coded := func(code int) string { return fmt.Sprintf(`{"code":%d,"message":"no"}`, code) }
	answers := []answer{
		{404, coded(-197), fs.ErrNotExist}, {400, coded(-166), fs.ErrNotExist}, {404, coded(-133), fs.ErrNotExist},
		{409, coded(-177), fs.ErrExist}, {409, coded(-178), fs.ErrExist},
		{403, coded(-289), fs.ErrPermission},
		{403, coded(-97), nil}, {403, coded(-79), nil}, {503, coded(-71), nil}, {500, "", nil},
	}
	if xml() {
		answers = []answer{
			{404, "", fs.ErrNotExist}, {404, named("NoSuchKey"), fs.ErrNotExist}, {404, named("NoSuchBucket"), fs.ErrNotExist},
			{403, "", fs.ErrPermission}, {403, named("AccessDenied"), fs.ErrPermission},
			{403, named("SignatureDoesNotMatch"), nil}, {403, named("InvalidAccessKeyId"), nil},
			{403, named("PathStyleDomainForbidden"), nil}, {404, named("NoSuchUpload"), nil}, {500, "", nil},
		}
	}
	for _, answer := range answers {
		given.Store(&answer)
		for name, err := range map[string]error{
			"stat": second(client.StatFile(ctx, bucket, "x")), "head": second(client.HeadBucket(ctx, bucket)),
			"list": list(ctx, client), "delete": client.DeleteFile(ctx, bucket, "x"),
		} {
			if err == nil {
				t.Fatal(name, answer)
			}
			for _, target := range []error{fs.ErrNotExist, fs.ErrExist, fs.ErrPermission} {
				if errors.Is(err, target) != (target == answer.wanted) {
					t.Error(name, answer, err, target)
				}
			}
		}
	}
}

// A program would take them for the service's.
func TestLocalFilesAreNotTheServices(t *testing.T) {
	client, path, no := open(t, nil), somewhere(t)+"/file", false
	_, err := client.Upload(ctx, "/none", bucket, path, "", nil)
	same(t, failure(t, err, qcos.ErrLocalFile).Kind, "missing")
	same(t, errors.Is(err, fs.ErrNotExist), false)
	check(t, second(client.UploadBuffer(ctx, []byte("x"), bucket, path, "")))
	_, err = client.DownloadWith(ctx, bucket, path, file(t, 5), qcos.DownloadConditions{Overwrite: &no}, nil)
	same(t, failure(t, err, qcos.ErrLocalFile).Kind, "exists")
	same(t, errors.Is(err, fs.ErrExist), false)
	// What a callback says is the call's reason all the same.
	_, err = client.Upload(ctx, file(t, 5), bucket, path, "", func(done, total int64) error { return fs.ErrPermission })
	failure(t, err, fs.ErrPermission)
}

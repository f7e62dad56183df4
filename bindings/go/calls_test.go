package qcos_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func names(infos []qcos.Info) (names []string) {
	for _, info := range infos {
		names = append(names, info.Name)
	}
	return names
}

func same(t *testing.T, got, wanted interface{}) {
	t.Helper()
	if !reflect.DeepEqual(got, wanted) {
		t.Fatalf("%v, not %v", got, wanted)
	}
}

func TestFiles(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	one, other, yes := remote+"/名 1", remote+"/other", true
	for _, data := range [][]byte{[]byte("hello"), {}} {
		uploaded, err := client.UploadBuffer(ctx, data, bucket, one, "text")
		check(t, err)
		if uploaded.AccessURL == "" || uploaded.HTTPCode != 200 {
			t.Fatal(uploaded)
		}
		stat, err := client.StatFile(ctx, bucket, one)
		check(t, err)
		same(t, stat.FileSize, int64(len(data)))
		same(t, []interface{}{stat.Name, stat.BizAttr, stat.Folder}, []interface{}{"名 1", "text", false})
		if age := time.Since(stat.Modified()); age < -time.Hour || age > time.Hour {
			t.Fatal(age)
		}
		if !strings.Contains(string(stat.Data), `"filesize":`) {
			t.Fatal(string(stat.Data))
		}
		check(t, client.DeleteFile(ctx, bucket, one))
	}
	failure(t, client.DeleteFile(ctx, bucket, one), fs.ErrNotExist)

	_, err := client.UploadBuffer(ctx, []byte("1"), bucket, one, "")
	check(t, err)
	check(t, client.UpdateFile(ctx, bucket, one, "new"))
	_, err = client.UploadBuffer(ctx, []byte("2"), bucket, other, "")
	check(t, err)
	failure(t, second(client.MoveFile(ctx, bucket, one, other, false)), fs.ErrExist)
	check(t, second(client.MoveFile(ctx, bucket, one, other, true)))
	stat, err := client.StatFile(ctx, bucket, other)
	check(t, err)
	same(t, stat.BizAttr, "new")
	check(t, client.SetACL(ctx, bucket, other, "public-read"))
	acl, err := client.GetACL(ctx, bucket, other)
	check(t, err)
	same(t, acl, "public-read")
	url, err := client.DownloadURL(ctx, bucket, other, 60)
	check(t, err)
	if !strings.HasPrefix(url, "http") {
		t.Fatal(url)
	}

	headers := map[string]string{"Cache-Control": "no-cache"}
	_, err = client.UploadWith(ctx, file(t, 100), bucket, one, qcos.UploadOptions{BizAttr: "b", Headers: headers}, nil)
	check(t, err)
	_, err = client.UploadWith(ctx, file(t, 200), bucket, one, qcos.UploadOptions{}, nil)
	failure(t, err, fs.ErrExist)
	_, err = client.UploadWith(ctx, file(t, 300), bucket, one, qcos.UploadOptions{Overwrite: &yes}, nil)
	check(t, err)
	counts, err := client.DeleteFiles(ctx, bucket, []string{one, other})
	check(t, err)
	same(t, counts.Deleted, int64(2))
}

func TestPrefixes(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	for _, name := range []string{"2025/a", "2026/a", "2026/ab/c", "2026/ab/d/e", "2026/b"} {
		check(t, second(client.UploadBuffer(ctx, []byte("x"), bucket, remote+"/"+name, "")))
	}
	found, err := client.PrefixSearch(ctx, bucket, remote, "2026/a", qcos.ListOptions{Pattern: "eListFileOnly"})
	check(t, err)
	same(t, names(found.Infos), []string{"2026/a"})
	for _, wanted := range []struct {
		prefix    string
		recursive bool
		files     []string
		folders   []string
	}{
		{"2026/a", false, []string{"2026/a"}, []string{"2026/ab"}},
		{"202", false, nil, []string{"2025", "2026"}},
		{"2026/a", true, []string{"2026/a", "2026/ab/c", "2026/ab/d/e"}, nil},
		{"2026/none", true, nil, nil},
	} {
		var all []qcos.Info
		count, err := client.PrefixSearchAll(ctx, bucket, remote, wanted.prefix, wanted.recursive,
			func(infos []qcos.Info) error {
				all = append(all, infos...)
				return nil
			})
		check(t, err)
		same(t, int(count), len(all))
		var files, folders []string
		for _, info := range all {
			if info.Folder {
				folders = append(folders, info.Name)
			} else {
				files = append(files, info.Name)
			}
		}
		slices.Sort(files)
		slices.Sort(folders)
		same(t, files, wanted.files)
		// Which folders are listed below them is the API's own.
		if !wanted.recursive {
			same(t, folders, wanted.folders)
		}
	}
	for _, prefix := range []string{"", "/a", "nul\x00"} {
		_, err = client.PrefixSearchAll(ctx, bucket, remote, prefix, true, func([]qcos.Info) error { return nil })
		if message := failure(t, err, qcos.ErrParams).Message; !strings.HasPrefix(message, "prefix") {
			t.Error(prefix, message)
		}
	}
}

func TestFoldersAndLists(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	created, err := client.CreateFolder(ctx, bucket, remote, "mine")
	check(t, err)
	if created.CTime == "" {
		t.Fatal(created)
	}
	_, err = client.CreateFolder(ctx, bucket, remote, "")
	failure(t, err, fs.ErrExist)
	check(t, client.UpdateFolder(ctx, bucket, remote, "yours"))
	stat, err := client.StatFolder(ctx, bucket, remote)
	check(t, err)
	same(t, []interface{}{stat.BizAttr, stat.Folder}, []interface{}{"yours", true})

	for _, name := range []string{"a1", "a2", "b1", "sub/c1"} {
		_, err := client.UploadBuffer(ctx, []byte("x"), bucket, remote+"/"+name, "")
		check(t, err)
	}
	files := qcos.ListOptions{Num: 2, Pattern: "eListFileOnly"}
	page, err := client.List(ctx, bucket, remote, files)
	check(t, err)
	same(t, page.HasMore, true)
	files.Context = page.Context
	rest, err := client.List(ctx, bucket, remote, files)
	check(t, err)
	same(t, names(append(page.Infos, rest.Infos...)), []string{"a1", "a2", "b1"})
	last, err := client.List(ctx, bucket, remote, qcos.ListOptions{Num: 1, Pattern: "eListFileOnly", Backward: true})
	check(t, err)
	same(t, names(last.Infos), []string{"b1"})
	found, err := client.PrefixSearch(ctx, bucket, remote, "a", qcos.ListOptions{})
	check(t, err)
	same(t, names(found.Infos), []string{"a1", "a2"})

	var all []qcos.Info
	count, err := client.ListAll(ctx, bucket, remote, false, func(infos []qcos.Info) error {
		all = append(all, infos...)
		return nil
	})
	check(t, err)
	same(t, []int{int(count), len(all)}, []int{4, 4})
	for _, info := range all {
		same(t, info.Folder, info.Name == "sub")
		same(t, info.FileSize == 1, !info.Folder)
	}
	_, err = client.ListAll(ctx, bucket, remote, true, nil)
	failure(t, err, qcos.ErrParams)
	_, err = client.PrefixSearchAll(ctx, bucket, remote, "a", true, nil)
	failure(t, err, qcos.ErrParams)

	failure(t, client.DeleteFolder(ctx, bucket, remote), qcos.Code(-173))
	counts, err := client.DeleteTree(ctx, bucket, remote)
	check(t, err)
	if counts.Deleted < 4 {
		t.Fatal(counts)
	}
	_, err = client.CreateFolder(ctx, bucket, remote, "")
	check(t, err)
	check(t, client.DeleteFolder(ctx, bucket, remote))
}

func TestTrees(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	tree, got, no := t.TempDir(), filepath.Join(t.TempDir(), "got"), false
	check(t, os.Mkdir(filepath.Join(tree, "sub"), 0o700))
	check(t, os.WriteFile(filepath.Join(tree, "one"), []byte("1"), 0o600))
	check(t, os.WriteFile(filepath.Join(tree, "sub", "two"), []byte("22"), 0o600))
	var last [2]int64
	progress := func(done, total int64) error {
		last = [2]int64{done, total}
		return nil
	}
	sent, err := client.UploadTree(ctx, tree, bucket, remote,
		qcos.UploadTreeOptions{UploadOptions: qcos.UploadOptions{BizAttr: "tree"}}, progress)
	check(t, err)
	same(t, sent.Uploaded, int64(2))
	same(t, last, [2]int64{3, 3})
	received, err := client.DownloadTree(ctx, bucket, remote, got, qcos.DownloadTreeOptions{}, progress)
	check(t, err)
	same(t, received.Downloaded, int64(2))

	// What became of each is told also when some have failed.
	check(t, os.WriteFile(filepath.Join(got, "one"), []byte("mine"), 0o600))
	received, err = client.DownloadTree(ctx, bucket, remote, got, qcos.DownloadTreeOptions{Overwrite: &no}, nil)
	failure(t, err, qcos.ErrLocalFile)
	same(t, []interface{}{received.Same, received.Failed[0].Path}, []interface{}{int64(1), "one"})
	same(t, received.Failed[0].Code, qcos.ErrLocalFile)

	check(t, os.Remove(filepath.Join(tree, "sub", "two")))
	options := qcos.TreeOptions{Exclude: []string{"*.o"}, Delete: true, DryRun: true}
	sent, err = client.UploadTree(ctx, tree, bucket, remote, qcos.UploadTreeOptions{TreeOptions: options}, nil)
	check(t, err)
	same(t, sent.Plan, []qcos.Planned{{Path: "sub/two", Action: "delete"}})
}

func TestWhatOneAPIHas(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	fresh, source := "fresh"+remote, remote+"/source"
	_, err := client.UploadBuffer(ctx, []byte("x"), bucket, source, "")
	check(t, err)
	_, err = client.HeadBucket(ctx, bucket)
	check(t, err)
	sign := map[string]func() error{
		"SignMore": func() error { _, err := client.SignMore(ctx, bucket, time.Now().Unix()+100); return err },
		"SignOnce": func() error { _, err := client.SignOnce(ctx, bucket, "/"+appid+"/"+bucket+"/x"); return err },
	}
	only := map[string]func() error{
		"CopyFile": func() error { return second(client.CopyFile(ctx, bucket, source, remote+"/copy", false)) },
		"buckets": func() error {
			if err := client.CreateBucket(ctx, fresh, ""); err != nil {
				return err
			}
			buckets, err := client.ListBuckets(ctx)
			if err != nil || !strings.Contains(fmt.Sprint(buckets), fresh+"-"+appid) {
				return fmt.Errorf("%v %w", buckets, err)
			}
			return client.DeleteBucket(ctx, fresh)
		},
		"ListBuckets": func() error { _, err := client.ListBuckets(ctx); return err },
		"DeleteBucket": func() error {
			if err := client.DeleteBucket(ctx, "none"+remote); !xml() || !errors.Is(err, qcos.Code(-133)) {
				return err
			}
			return nil
		},
		"ListUploads": func() error { _, err := client.ListUploads(ctx, bucket, remote); return err },
		"AbortUpload": func() error {
			if err := client.AbortUpload(ctx, bucket, source, "none"); !xml() || !errors.Is(err, qcos.Code(-290)) {
				return err
			}
			return nil
		},
	}
	good, refused := sign, only
	if xml() {
		good, refused = only, sign
	}
	for name, call := range good {
		if err := call(); err != nil {
			t.Fatal(name, err)
		}
	}
	for name, call := range refused {
		if err := call(); !errors.Is(err, qcos.ErrParams) {
			t.Fatal(name, err)
		}
	}
}

func TestErrors(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	_, err := client.StatFile(ctx, bucket, remote)
	failed := failure(t, err, fs.ErrNotExist)
	same(t, []interface{}{failed.Name, failed.Kind, failed.Retryable}, []interface{}{"SERVICE", "service", false})
	if errors.Is(err, fs.ErrExist) || !errors.Is(err, failed.Code) || failed.HTTPCode < 400 {
		t.Fatal(err)
	}
	if xml() && failed.RequestID == "" {
		t.Fatalf("%+v", failed)
	}
	if !strings.HasPrefix(err.Error(), fmt.Sprintf("qcos: SERVICE (%d): ", int64(failed.Code))) {
		t.Fatal(err)
	}
	_, err = client.Upload(ctx, "/none", bucket, remote, "", nil)
	same(t, failure(t, err, qcos.ErrLocalFile).Kind, "missing")
	none := 0
	unreachable := open(t, func(options *qcos.Options) { options.Endpoint, options.Retries = "http://127.0.0.1:1", &none })
	_, err = unreachable.StatFile(ctx, bucket, remote)
	failed = failure(t, err, qcos.ErrNetwork)
	same(t, []interface{}{failed.Kind, failed.Attempts, failed.Retryable}, []interface{}{"connect", 1, true})
}

func TestWrongParameters(t *testing.T) {
	client := open(t, nil)
	_, stat := client.StatFile(ctx, "a\x00b", "x")
	_, upload := client.Upload(ctx, "a\x00b", bucket, "x", "", nil)
	_, slice := client.UploadSlice(ctx, "f", bucket, "x", qcos.SliceOptions{Session: "\x00"}, nil)
	_, opening := qcos.Open("1", "i\x00d", "key", qcos.Options{})
	for parameter, err := range map[string]error{
		"bucket": stat, "filepath": upload, "session": slice, "secret_id": opening,
		"path": client.UpdateFile(ctx, bucket, "\x00", ""),
	} {
		same(t, failure(t, err, qcos.ErrParams).Message, parameter+" has a NUL character")
	}
	_, err := client.StatFile(ctx, bucket, "\xff")
	if said := failure(t, err, qcos.ErrParams).Message; !strings.Contains(said, "path") {
		t.Fatal(said)
	}
	failed, err := qcos.Open("1", "id", "key", qcos.Options{API: "none"})
	if said := failure(t, err, qcos.ErrParams).Message; !strings.Contains(said, "api") || failed != nil {
		t.Fatal(said)
	}
	_, err = client.DeleteFiles(ctx, bucket, nil)
	failure(t, err, qcos.ErrParams)
}

func TestOptions(t *testing.T) {
	for text, said := range map[string]string{
		`{"ap":"xml"}`: `"ap"`, `{"parallel":"4"}`: "parallel", `{`: "options", `[]`: "options", `{} {}`: "more than one",
	} {
		if _, err := qcos.ParseOptions(text); err == nil || !strings.Contains(err.Error(), said) {
			t.Fatal(text, err)
		}
	}
	found, err := qcos.ParseOptions(`{"parallel":"auto"}`)
	check(t, err)
	if text, err := json.Marshal(found); found.Parallel != qcos.ParallelAuto || string(text) != `{"parallel":"auto"}` {
		t.Fatal(found, string(text), err)
	}
	// Each is known to the library: an unknown one would be an error that names it.
	one, folder := 1, t.TempDir()
	all := qcos.Options{
		API: "xml", Region: "ap-x", Endpoint: "http://127.0.0.1:1", Addressing: "path", SecurityToken: "token",
		SignExpiresS: 60, ConnectTimeoutMS: 1, IOTimeoutMS: 1, TimeoutMS: 1, Retries: &one, SliceSize: mib,
		Parallel: 1, CheckpointDir: folder, Overwrite: true, TLSCA: "system", Proxy: "env", UserAgent: "mine",
		Failover: true, TrafficLimit: 1000000, MaxBytesPerS: 1000000, Resolve: map[string]string{"h": "127.0.0.1"},
	}
	role := qcos.Options{Region: "ap-x", Network: "internal", Credentials: "cvm:role", MetadataEndpoint: "http://127.0.0.1:1"}
	given := map[string]bool{}
	for _, options := range []qcos.Options{all, role, found, {DownloadEndpoint: "http://127.0.0.1:1"}, {}} {
		id, key := "id", "key"
		if options.Credentials != "" {
			id, key = "", ""
		}
		client, err := qcos.Open("1", id, key, options)
		check(t, err)
		check(t, client.Close())
		fields := reflect.ValueOf(options)
		for i := 0; i < fields.NumField(); i++ {
			name := fields.Type().Field(i).Name
			given[name] = given[name] || !fields.Field(i).IsZero()
		}
	}
	for name, given := range given {
		if !given {
			t.Fatal(name)
		}
	}
}

func TestAClosedClient(t *testing.T) {
	client := open(t, nil)
	check(t, client.Close())
	check(t, client.Close())
	_, err := client.StatFile(ctx, bucket, "x")
	if !strings.Contains(failure(t, err, qcos.ErrHandle).Message, "is not an open client") {
		t.Fatal(err)
	}
	called := false
	_, err = client.Upload(ctx, file(t, mib), bucket, "x", "", func(done, total int64) error {
		called = true
		return nil
	})
	failure(t, err, qcos.ErrHandle)
	same(t, called, false)
	for _, never := range []*qcos.Client{nil, {}} {
		_, err := never.StatFile(ctx, bucket, "x")
		failure(t, err, qcos.ErrHandle)
		_, err = never.Download(ctx, bucket, "x", "y", nil)
		failure(t, err, qcos.ErrHandle)
		check(t, never.Close())
	}
}

// A service that answers no one before both have asked.
func TestCallsGoAtOnce(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	none := 0
	client := open(t, func(options *qcos.Options) {
		options.Endpoint, options.Retries = "http://"+listener.Addr().String(), &none
	})
	var asking sync.WaitGroup
	answers := make([]error, 2)
	for i := range answers {
		asking.Add(1)
		go func(answer *error) {
			defer asking.Done()
			_, *answer = client.List(ctx, bucket, "x", qcos.ListOptions{})
		}(&answers[i])
	}
	var asked []net.Conn
	for range answers {
		connection, err := listener.Accept()
		check(t, err)
		defer connection.Close()
		asked = append(asked, connection)
	}
	for _, connection := range asked {
		_, err := connection.Write([]byte("HTTP/1.1 403 no\r\ncontent-length: 0\r\n\r\n"))
		check(t, err)
	}
	asking.Wait()
	for _, answer := range answers {
		var failed *qcos.Error
		if !errors.As(answer, &failed) || failed.HTTPCode != 403 {
			t.Fatal(answer)
		}
	}
}

func sameContent(t *testing.T, client *qcos.Client, path, file string) {
	t.Helper()
	got := filepath.Join(t.TempDir(), "got")
	_, err := client.Download(ctx, bucket, path, got, nil)
	check(t, err)
	here, err := os.ReadFile(file)
	check(t, err)
	there, err := os.ReadFile(got)
	check(t, err)
	if !bytes.Equal(here, there) {
		t.Fatal("another content")
	}
}

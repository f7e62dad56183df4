package qcos_test

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"runtime"
	"testing"
	"time"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

// listed is how many lists of a bucket the emulator has been asked for.
func listed(t *testing.T, bucket string) (count int) {
	t.Helper()
	place, err := url.Parse(environment.Endpoint)
	check(t, err)
	place.Path = "/_emulator/requests"
	response, err := http.Get(place.String())
	check(t, err)
	defer response.Body.Close()
	var log struct {
		Requests []struct{ Bucket, Op string }
	}
	check(t, json.NewDecoder(response.Body).Decode(&log))
	for _, request := range log.Requests {
		if request.Bucket == bucket && (request.Op == "list" || request.Op == "list_objects") {
			count++
		}
	}
	return count
}

// filled is a bucket of its own with these files.
func filled(t *testing.T, client *qcos.Client, names ...string) (bucket string) {
	t.Helper()
	bucket = "it" + somewhere(t)
	for _, name := range names {
		check(t, second(client.UploadBuffer(ctx, []byte("x"), bucket, name, "")))
	}
	return bucket
}

// first are the names of so many entries, and whether there were more.
func first(t *testing.T, entries iter.Seq2[qcos.Info, error], count int) (names []string, more bool) {
	t.Helper()
	for info, err := range entries {
		check(t, err)
		names = append(names, info.Name)
		if len(names) == count {
			return names, true
		}
	}
	return names, false
}

func TestIterators(t *testing.T) {
	client := open(t, nil)
	bucket := filled(t, client, "d/a1", "d/a2", "d/a3", "d/a4", "d/b5", "d/b6", "d/b7", "e")
	three := qcos.ListOptions{Num: 3, Pattern: "eListFileOnly"}
	all := []string{"a1", "a2", "a3", "a4", "b5", "b6", "b7"}
	for name, of := range map[string]struct {
		entries iter.Seq2[qcos.Info, error]
		names   []string
	}{
		"folder": {client.Entries(ctx, bucket, "d", three), all},
		"prefix": {client.EntriesByPrefix(ctx, bucket, "d", "a", three), all[:4]},
	} {
		for count := 1; count <= len(of.names)+1; count++ {
			before := listed(t, bucket)
			names, more := first(t, of.entries, count)
			same(t, more, count <= len(of.names))
			wanted := min(count, len(of.names))
			same(t, names, of.names[:wanted])
			// No page but those that these are on.
			if pages := listed(t, bucket) - before; pages != (wanted+2)/3 {
				t.Error(name, count, pages)
			}
		}
	}
	// Without a size of their own, pages are large.
	before := listed(t, bucket)
	names, _ := first(t, client.Entries(ctx, bucket, "d", qcos.ListOptions{}), 0)
	same(t, []interface{}{names, listed(t, bucket) - before}, []interface{}{all, 1})
	names, _ = first(t, client.Entries(ctx, bucket, "d", qcos.ListOptions{Num: 2, Backward: true}), 3)
	same(t, names, []string{"b7", "b6", "b5"})
	next, stop := iter.Pull2(client.Entries(ctx, bucket, "d", three))
	info, err, valid := next()
	stop()
	same(t, []interface{}{info.Name, err, valid}, []interface{}{"a1", nil, true})

	names, _ = first(t, client.Entries(ctx, bucket, "", qcos.ListOptions{}), 0)
	same(t, names, []string{"d", "e"})
}

func TestWalks(t *testing.T) {
	client := open(t, nil)
	bucket := filled(t, client, "d/a", "d/sub/b", "d/sub/sub/c", "e")
	files := map[string]bool{}
	for info, err := range client.Walk(ctx, bucket, "d") {
		check(t, err)
		if !info.Folder {
			files[info.Name] = true
		}
	}
	same(t, files, map[string]bool{"a": true, "sub/b": true, "sub/sub/c": true})
	files = map[string]bool{}
	for info, err := range client.WalkPrefix(ctx, bucket, "", "d/s") {
		check(t, err)
		if !info.Folder {
			files[info.Name] = true
		}
	}
	same(t, files, map[string]bool{"d/sub/b": true, "d/sub/sub/c": true})

	before := listed(t, bucket)
	_, _ = first(t, client.Walk(ctx, bucket, "d"), 1)
	// In the JSON API each folder is another page.
	same(t, listed(t, bucket)-before, 1)
	before = listed(t, bucket)
	_, _ = first(t, client.WalkPrefix(ctx, bucket, "d", "s"), 1)
	same(t, listed(t, bucket)-before, 1)

	goroutines := runtime.NumGoroutine()
	for i := 0; i < 20; i++ {
		_, _ = first(t, client.Walk(ctx, bucket, "d"), 1)
		func() {
			defer func() { same(t, recover(), errMine) }()
			for range client.Walk(ctx, bucket, "d") {
				panic(errMine)
			}
		}()
	}
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > goroutines; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatal(runtime.NumGoroutine(), goroutines)
		}
	}
}

func TestIteratorsEndWithAnError(t *testing.T) {
	client := open(t, nil)
	bucket := filled(t, client, "d/1", "d/2", "d/3", "d/sub/4")
	count := func(entries iter.Seq2[qcos.Info, error]) (count int, err error) {
		for _, err = range entries {
			count++
		}
		return count, err
	}
	two := qcos.ListOptions{Num: 2}
	for _, entries := range []iter.Seq2[qcos.Info, error]{
		client.Entries(ctx, bucket, "\xff", two), client.EntriesByPrefix(ctx, bucket, "d", "\xff", two),
		client.Walk(ctx, bucket, "\xff"),
		client.WalkPrefix(ctx, bucket, "d", "\xff"), client.WalkPrefix(ctx, bucket, "d", ""),
	} {
		times, err := count(entries)
		same(t, times, 1)
		failure(t, err, qcos.ErrParams)
	}
	done, cancel := context.WithCancel(ctx)
	defer cancel()
	times := 0
	for _, err := range client.Entries(done, bucket, "d", two) {
		times++
		cancel()
		if times == 3 {
			failure(t, err, context.Canceled)
		}
	}
	same(t, times, 3)
	_, err := count(client.Walk(done, bucket, "d"))
	failure(t, err, context.Canceled)
}

func TestUnfinishedUploads(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	if !xml() {
		failure(t, last(client.Uploads(ctx, bucket, remote)), qcos.ErrParams)
		return
	}
	client = open(t, func(options *qcos.Options) { options.Parallel = 1 })
	sessions := map[string]bool{}
	for _, name := range []string{"/1", "/2"} {
		options := qcos.SliceOptions{SliceSize: mib}
		_, err := client.UploadSlice(ctx, file(t, 4*mib), bucket, remote+name, options, func(done, total int64) error {
			if done > mib {
				return errMine
			}
			return nil
		})
		sessions[failure(t, err, errMine).Session] = true
	}
	uploads := client.Uploads(ctx, bucket, remote)
	for upload, err := range uploads {
		check(t, err)
		same(t, sessions[upload.Session], true)
		break
	}
	for upload, err := range uploads {
		check(t, err)
		check(t, client.AbortUpload(ctx, bucket, upload.Path, upload.Session))
		delete(sessions, upload.Session)
	}
	same(t, len(sessions), 0)
	for range uploads {
		t.Fatal("there are some still")
	}
}

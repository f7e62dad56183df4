package qcos_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

var errMine = errors.New("of mine")

// counting is a progress that notes what it is given once the size is known, which takes a busy machine a moment.
func counting(calls *[][2]int64) qcos.Progress {
	return func(done, total int64) error {
		if total == 1<<53-1 && done == 0 {
			return nil
		}
		*calls = append(*calls, [2]int64{done, total})
		return nil
	}
}

func TestSlicesWithProgress(t *testing.T) {
	// One slice after the other, each is told of.
	client := open(t, func(options *qcos.Options) { options.Parallel = 1 })
	path := somewhere(t) + "/file"
	source, size := file(t, 6*mib+5), int64(6*mib+5)
	var calls [][2]int64
	uploaded, err := client.UploadSlice(ctx, source, bucket, path, qcos.SliceOptions{SliceSize: mib}, counting(&calls))
	check(t, err)
	if uploaded.AccessURL == "" || len(calls) < 8 {
		t.Fatal(uploaded, calls)
	}
	same(t, calls[0], [2]int64{0, size})
	same(t, calls[len(calls)-1], [2]int64{size, size})
	for i := 1; i < len(calls); i++ {
		if calls[i][0] < calls[i-1][0] {
			t.Fatal(calls)
		}
	}
	got := filepath.Join(t.TempDir(), "got")
	calls = nil
	downloaded, err := client.Download(ctx, bucket, path, got, counting(&calls))
	check(t, err)
	same(t, downloaded.FileSize, size)
	same(t, calls[len(calls)-1], [2]int64{size, size})
	sameContent(t, client, path, source)
}

func TestAnErrorCancelsAndTheSessionGoesOn(t *testing.T) {
	// Where slices go side by side, the first may be the last to arrive.
	client := open(t, func(options *qcos.Options) { options.Parallel = 1 })
	source, remote := file(t, 12*mib), somewhere(t)
	path := remote + "/file"
	after := 0
	_, err := client.UploadSlice(ctx, source, bucket, path, qcos.SliceOptions{SliceSize: mib}, func(done, total int64) error {
		if done < 4*mib {
			return nil
		}
		after++
		return errMine
	})
	failed := failure(t, err, errMine)
	failure(t, err, qcos.ErrCancelled)
	same(t, []interface{}{failed.Name, failed.Kind}, []interface{}{"QCOS_ERR_CANCELLED", "cancelled"})
	same(t, []interface{}{failed.HTTPCode, after}, []interface{}{0, 1})
	if failed.Session == "" || failed.Offset < mib {
		t.Fatalf("%+v", failed)
	}
	if xml() {
		unfinished, err := client.ListUploads(ctx, bucket, remote)
		check(t, err)
		same(t, unfinished[0].Session, failed.Session)
	}
	var calls [][2]int64
	_, err = client.UploadSlice(ctx, source, bucket, path, qcos.SliceOptions{Session: failed.Session}, counting(&calls))
	check(t, err)
	for len(calls) > 0 && calls[0][0] == 0 {
		// They come before it, if hashing takes long.
		calls = calls[1:]
	}
	if calls[0][0] < mib {
		t.Fatal(calls)
	}
	sameContent(t, client, path, source)
}

// The service says nothing any more when the context is cancelled, and there is no progress.
func TestAContextCancelsAStalledTransfer(t *testing.T) {
	source, path := file(t, 8*mib), somewhere(t)+"/file"
	_, err := open(t, nil).UploadSlice(ctx, source, bucket, path, qcos.SliceOptions{}, nil)
	check(t, err)
	for name, call := range map[string]func(ctx context.Context, client *qcos.Client) error{
		"upload": func(ctx context.Context, client *qcos.Client) error {
			_, err := client.UploadSlice(ctx, file(t, 8*mib), bucket, path+"2", qcos.SliceOptions{SliceSize: mib}, nil)
			return err
		},
		"download": func(ctx context.Context, client *qcos.Client) error {
			_, err := client.Download(ctx, bucket, path, filepath.Join(t.TempDir(), "got"), nil)
			return err
		},
		"upload of memory": func(ctx context.Context, client *qcos.Client) error {
			_, err := client.UploadBufferWith(ctx, noise(t, 8*mib), bucket, path+"3", qcos.UploadOptions{}, nil)
			return err
		},
		"upload of a stream": func(ctx context.Context, client *qcos.Client) error {
			_, err := client.UploadStream(ctx, bytes.NewReader(noise(t, 8*mib)), bucket, path+"4", qcos.StreamOptions{}, nil)
			return err
		},
		"download to a file on conditions": func(ctx context.Context, client *qcos.Client) error {
			into := filepath.Join(t.TempDir(), "got")
			_, err := client.DownloadWith(ctx, bucket, path, into, qcos.DownloadConditions{}, nil)
			return err
		},
		"download to a writer": func(ctx context.Context, client *qcos.Client) error {
			_, err := client.DownloadStream(ctx, bucket, path, io.Discard, qcos.RangeOptions{})
			return err
		},
		"download into memory": func(ctx context.Context, client *qcos.Client) error {
			_, err := client.DownloadBuffer(ctx, bucket, path, 0, make([]byte, 8*mib), qcos.Conditions{})
			return err
		},
	} {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		proxy := stalling(t, 3*mib, cancel)
		// Time limits are far away.
		client := open(t, func(options *qcos.Options) { options.Endpoint, options.IOTimeoutMS = proxy.endpoint, 600_000 })
		err := call(ctx, client)
		failed := failure(t, err, context.Canceled)
		failure(t, err, qcos.ErrCancelled)
		if name == "upload" && failed.Session == "" {
			t.Fatalf("%+v", failed)
		}
	}
}

func TestADeadlineCancels(t *testing.T) {
	proxy := stalling(t, mib, func() {})
	client := open(t, func(options *qcos.Options) { options.Endpoint = proxy.endpoint })
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	_, err := client.Upload(ctx, file(t, 9*mib), bucket, somewhere(t), "", func(done, total int64) error { return nil })
	failure(t, err, context.DeadlineExceeded)
	// Now that it is over, nothing is even begun.
	_, err = client.Download(ctx, bucket, "x", filepath.Join(t.TempDir(), "got"), nil)
	same(t, failure(t, err, context.DeadlineExceeded).Message, "nothing was done")
}

func TestListsAreCancelled(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	_, err := client.UploadBuffer(ctx, []byte("x"), bucket, remote+"/x", "")
	check(t, err)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err = client.ListAll(ctx, bucket, remote, true, func([]qcos.Info) error { return errMine })
	failure(t, err, errMine)
	_, err = client.PrefixSearchAll(ctx, bucket, remote, "x", true, func([]qcos.Info) error { return errMine })
	failure(t, err, errMine)
	_, err = client.ListAll(ctx, bucket, remote, true, func([]qcos.Info) error { cancel(); return nil })
	failure(t, err, context.Canceled)
	ctx, cancel = context.WithCancel(context.Background())
	defer cancel()
	_, err = client.PrefixSearchAll(ctx, bucket, remote, "x", true, func([]qcos.Info) error { cancel(); return nil })
	failure(t, err, context.Canceled)
}

func TestWhatComesTooLateToCancel(t *testing.T) {
	client, source, path := open(t, nil), file(t, mib), somewhere(t)+"/file"
	uploaded, err := client.Upload(ctx, source, bucket, path, "", func(done, total int64) error {
		if done == total {
			return errMine
		}
		return nil
	})
	if err != errMine || uploaded.AccessURL == "" {
		t.Fatal(uploaded, err)
	}
	sameContent(t, client, path, source)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_, err = client.Download(ctx, bucket, path, filepath.Join(t.TempDir(), "got"), func(done, total int64) error {
		if done == total {
			cancel()
		}
		return nil
	})
	check(t, err)
}

func TestAPanicInACallbackIsRaisedAgain(t *testing.T) {
	client, source, path, after := open(t, nil), file(t, 8*mib), somewhere(t)+"/file", 0
	value := func() (value interface{}) {
		defer func() { value = recover() }()
		_, err := client.UploadSlice(ctx, source, bucket, path, qcos.SliceOptions{SliceSize: mib},
			func(done, total int64) error {
				if done >= mib {
					after++
					panic(errMine)
				}
				return nil
			})
		t.Error("it has returned", err)
		return nil
	}()
	same(t, []interface{}{value, after}, []interface{}{errMine, 1})
	_, err := client.StatFile(ctx, bucket, path)
	if xml() {
		failure(t, err, fs.ErrNotExist)
	}
	_, err = client.Upload(ctx, source, bucket, path+"2", "", nil)
	check(t, err)
}

// As when a test calls t.FailNow in a callback.
func TestACallbackMayEndItsGoroutine(t *testing.T) {
	client, source, path := open(t, nil), file(t, mib), somewhere(t)+"/file"
	ended, returned := make(chan struct{}), false
	go func() {
		defer close(ended)
		_, _ = client.Upload(ctx, source, bucket, path, "", func(done, total int64) error {
			runtime.Goexit()
			return nil
		})
		returned = true
	}()
	<-ended
	same(t, returned, false)
	_, err := client.Upload(ctx, source, bucket, path+"2", "", nil)
	check(t, err)
}

func TestACallbackMayUseAndCloseTheClient(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	_, err := client.CreateFolder(ctx, bucket, remote, "")
	check(t, err)
	listed := 0
	_, err = client.Upload(ctx, file(t, 2*mib), bucket, remote+"/file", "", func(done, total int64) error {
		if listed == 0 {
			if _, err := client.List(ctx, bucket, remote, qcos.ListOptions{}); err != nil {
				return err
			}
		}
		listed++
		return client.Close()
	})
	check(t, err)
	if listed == 0 {
		t.Fatal("no progress")
	}
	_, err = client.StatFile(ctx, bucket, remote+"/file")
	failure(t, err, qcos.ErrHandle)
}

func TestGoroutinesShareAClient(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	var uploading sync.WaitGroup
	errs, told := make([]error, 8), make([]int64, 8)
	for i := range errs {
		uploading.Add(1)
		go func(i int, source string) {
			defer uploading.Done()
			_, errs[i] = client.UploadSlice(ctx, source, bucket, fmt.Sprint(remote, "/", i), qcos.SliceOptions{},
				func(done, total int64) error { told[i] = total; return nil })
		}(i, file(t, mib+i))
	}
	uploading.Wait()
	for i := range errs {
		check(t, errs[i])
		same(t, told[i], int64(mib+i))
		stat, err := client.StatFile(ctx, bucket, fmt.Sprint(remote, "/", i))
		check(t, err)
		same(t, stat.FileSize, told[i])
	}
}

// A file's name is bytes.
func TestANameThatIsNotUTF8(t *testing.T) {
	notOnWindows(t)
	client, source, path := open(t, nil), filepath.Join(t.TempDir(), "\xff"), somewhere(t)+"/file"
	check(t, os.WriteFile(source, []byte("x"), 0o600))
	_, err := client.Upload(ctx, source, bucket, path, "", nil)
	check(t, err)
	sameContent(t, client, path, source)
}

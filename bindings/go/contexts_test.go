package qcos_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

// A silentService takes connections and answers nothing.
type silentService struct {
	endpoint string
	// connected gets something when somebody connects.
	connected chan struct{}
}

func silent(t *testing.T) *silentService {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	service := &silentService{"http://" + listener.Addr().String(), make(chan struct{}, 1000)}
	var accepting sync.WaitGroup
	accepting.Add(1)
	go func() {
		defer accepting.Done()
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			defer connection.Close()
			service.connected <- struct{}{}
		}
	}()
	t.Cleanup(func() { listener.Close(); accepting.Wait() })
	return service
}

func (s *silentService) client(t *testing.T) *qcos.Client {
	t.Helper()
	return open(t, func(options *qcos.Options) {
		// Time limits are far away.
		options.Endpoint, options.IOTimeoutMS = s.endpoint, 600_000
	})
}

// asking are all calls that ask the service, by their names.
func asking(t *testing.T) map[string]func(ctx context.Context, c *qcos.Client) error {
	source, folder, into := file(t, 10), t.TempDir(), filepath.Join(t.TempDir(), "into")
	check(t, os.WriteFile(filepath.Join(folder, "file"), []byte("x"), 0o600))
	page := func([]qcos.Info) error { return nil }
	return map[string]func(ctx context.Context, c *qcos.Client) error{
		"CreateFolder": func(ctx context.Context, c *qcos.Client) error {
			return second(c.CreateFolder(ctx, bucket, "x", ""))
		},
		"UpdateFolder": func(ctx context.Context, c *qcos.Client) error { return c.UpdateFolder(ctx, bucket, "x", "b") },
		"StatFolder":   func(ctx context.Context, c *qcos.Client) error { return second(c.StatFolder(ctx, bucket, "x")) },
		"DeleteFolder": func(ctx context.Context, c *qcos.Client) error { return c.DeleteFolder(ctx, bucket, "x") },
		"DeleteTree":   func(ctx context.Context, c *qcos.Client) error { return second(c.DeleteTree(ctx, bucket, "x")) },
		"List": func(ctx context.Context, c *qcos.Client) error {
			return second(c.List(ctx, bucket, "x", qcos.ListOptions{}))
		},
		"PrefixSearch": func(ctx context.Context, c *qcos.Client) error {
			return second(c.PrefixSearch(ctx, bucket, "x", "p", qcos.ListOptions{}))
		},
		"ListAll": func(ctx context.Context, c *qcos.Client) error {
			return second(c.ListAll(ctx, bucket, "x", true, page))
		},
		"PrefixSearchAll": func(ctx context.Context, c *qcos.Client) error {
			return second(c.PrefixSearchAll(ctx, bucket, "x", "p", true, page))
		},
		"Entries": func(ctx context.Context, c *qcos.Client) error {
			return last(c.Entries(ctx, bucket, "x", qcos.ListOptions{}))
		},
		"EntriesByPrefix": func(ctx context.Context, c *qcos.Client) error {
			return last(c.EntriesByPrefix(ctx, bucket, "x", "p", qcos.ListOptions{}))
		},
		"Walk": func(ctx context.Context, c *qcos.Client) error { return last(c.Walk(ctx, bucket, "x")) },
		"WalkPrefix": func(ctx context.Context, c *qcos.Client) error {
			return last(c.WalkPrefix(ctx, bucket, "x", "p"))
		},
		"ListVersions": func(ctx context.Context, c *qcos.Client) error {
			return second(c.ListVersions(ctx, bucket, "x", true, page))
		},
		"Versions": func(ctx context.Context, c *qcos.Client) error { return last(c.Versions(ctx, bucket, "x")) },
		"Uploads":  func(ctx context.Context, c *qcos.Client) error { return last(c.Uploads(ctx, bucket, "x")) },

		"StatFile": func(ctx context.Context, c *qcos.Client) error { return second(c.StatFile(ctx, bucket, "x")) },
		"StatWith": func(ctx context.Context, c *qcos.Client) error {
			return second(c.StatWith(ctx, bucket, "x", qcos.Conditions{}))
		},
		"DeleteWith": func(ctx context.Context, c *qcos.Client) error {
			return second(c.DeleteWith(ctx, bucket, "x", qcos.DeleteOptions{}))
		},
		"UpdateFile": func(ctx context.Context, c *qcos.Client) error { return c.UpdateFile(ctx, bucket, "x", "b") },
		"UpdateWith": func(ctx context.Context, c *qcos.Client) error {
			return second(c.UpdateWith(ctx, bucket, "x", qcos.UpdateOptions{ACL: "private"}))
		},
		"DeleteFile": func(ctx context.Context, c *qcos.Client) error { return c.DeleteFile(ctx, bucket, "x") },
		"DeleteFiles": func(ctx context.Context, c *qcos.Client) error {
			return second(c.DeleteFiles(ctx, bucket, []string{"x"}))
		},
		"MoveFile": func(ctx context.Context, c *qcos.Client) error {
			return second(c.MoveFile(ctx, bucket, "x", "y", true))
		},
		"CopyFile": func(ctx context.Context, c *qcos.Client) error {
			return second(c.CopyFile(ctx, bucket, "x", "y", true))
		},
		"CopyWith": func(ctx context.Context, c *qcos.Client) error {
			return second(c.CopyWith(ctx, bucket, "x", bucket, "y", qcos.CopyOptions{}, nil))
		},
		"CopyTree": func(ctx context.Context, c *qcos.Client) error {
			return second(c.CopyTree(ctx, bucket, "x", bucket, "y", qcos.CopyTreeOptions{}, nil))
		},
		"SetACL": func(ctx context.Context, c *qcos.Client) error { return c.SetACL(ctx, bucket, "x", "private") },
		"GetACL": func(ctx context.Context, c *qcos.Client) error { return second(c.GetACL(ctx, bucket, "x")) },

		"SetTags": func(ctx context.Context, c *qcos.Client) error {
			return c.SetTags(ctx, bucket, "x", map[string]string{"k": "v"})
		},
		"GetTags": func(ctx context.Context, c *qcos.Client) error { return second(c.GetTags(ctx, bucket, "x")) },
		"RestoreFile": func(ctx context.Context, c *qcos.Client) error {
			return second(c.RestoreFile(ctx, bucket, "x", 1, ""))
		},
		"Append": func(ctx context.Context, c *qcos.Client) error {
			return second(c.Append(ctx, []byte("x"), bucket, "x", 0, qcos.AppendOptions{}))
		},

		"CreateBucket": func(ctx context.Context, c *qcos.Client) error { return c.CreateBucket(ctx, "x", "") },
		"HeadBucket":   func(ctx context.Context, c *qcos.Client) error { return second(c.HeadBucket(ctx, bucket)) },
		"SetVersioning": func(ctx context.Context, c *qcos.Client) error {
			return c.SetVersioning(ctx, "x", "Enabled")
		},
		"GetVersioning": func(ctx context.Context, c *qcos.Client) error { return second(c.GetVersioning(ctx, "x")) },
		"Diagnose":      func(ctx context.Context, c *qcos.Client) error { return second(c.Diagnose(ctx, bucket)) },
		"DeleteBucket":  func(ctx context.Context, c *qcos.Client) error { return c.DeleteBucket(ctx, "x") },
		"ListBuckets":   func(ctx context.Context, c *qcos.Client) error { return second(c.ListBuckets(ctx)) },
		"ListUploads":   func(ctx context.Context, c *qcos.Client) error { return second(c.ListUploads(ctx, bucket, "x")) },
		"AbortUpload":   func(ctx context.Context, c *qcos.Client) error { return c.AbortUpload(ctx, bucket, "x", "s") },
		"Request": func(ctx context.Context, c *qcos.Client) error {
			return second(c.Request(ctx, bucket, "x", qcos.Request{Method: "GET"}))
		},

		"Upload": func(ctx context.Context, c *qcos.Client) error {
			return second(c.Upload(ctx, source, bucket, "x", "", nil))
		},
		"UploadWith": func(ctx context.Context, c *qcos.Client) error {
			return second(c.UploadWith(ctx, source, bucket, "x", qcos.UploadOptions{}, nil))
		},
		"UploadSlice": func(ctx context.Context, c *qcos.Client) error {
			return second(c.UploadSlice(ctx, source, bucket, "x", qcos.SliceOptions{}, nil))
		},
		"UploadBuffer": func(ctx context.Context, c *qcos.Client) error {
			return second(c.UploadBuffer(ctx, []byte("x"), bucket, "x", ""))
		},
		"UploadBufferWith": func(ctx context.Context, c *qcos.Client) error {
			return second(c.UploadBufferWith(ctx, []byte("x"), bucket, "x", qcos.UploadOptions{}, nil))
		},
		"UploadStream": func(ctx context.Context, c *qcos.Client) error {
			return second(c.UploadStream(ctx, bytes.NewReader([]byte("x")), bucket, "x", qcos.StreamOptions{}, nil))
		},
		"UploadTree": func(ctx context.Context, c *qcos.Client) error {
			return second(c.UploadTree(ctx, folder, bucket, "x", qcos.UploadTreeOptions{}, nil))
		},
		"Download": func(ctx context.Context, c *qcos.Client) error {
			return second(c.Download(ctx, bucket, "x", into, nil))
		},
		"DownloadWith": func(ctx context.Context, c *qcos.Client) error {
			return second(c.DownloadWith(ctx, bucket, "x", into, qcos.DownloadConditions{}, nil))
		},
		"DownloadBuffer": func(ctx context.Context, c *qcos.Client) error {
			return second(c.DownloadBuffer(ctx, bucket, "x", 0, make([]byte, 5), qcos.Conditions{}))
		},
		"DownloadStream": func(ctx context.Context, c *qcos.Client) error {
			return second(c.DownloadStream(ctx, bucket, "x", io.Discard, qcos.RangeOptions{}))
		},
		"DownloadTree": func(ctx context.Context, c *qcos.Client) error {
			return second(c.DownloadTree(ctx, bucket, "x", filepath.Join(folder, "into"), qcos.DownloadTreeOptions{}, nil))
		},
		"Object": func(ctx context.Context, c *qcos.Client) error {
			return second(c.Object(ctx, bucket, "x").ReadAt(make([]byte, 5), 0))
		},
	}
}

// signing are those that ask it only for credentials, if at all.
var signing = map[string]func(ctx context.Context, c *qcos.Client) error{
	"DownloadURL": func(ctx context.Context, c *qcos.Client) error { return second(c.DownloadURL(ctx, bucket, "x", 60)) },
	"Presign": func(ctx context.Context, c *qcos.Client) error {
		return second(c.Presign(ctx, "GET", bucket, "x", 60, qcos.PresignOptions{}))
	},
	"PostPolicy": func(ctx context.Context, c *qcos.Client) error {
		return second(c.PostPolicy(ctx, bucket, qcos.FormOptions{Key: "x", ExpiresS: 60}))
	},
	"SignMore": func(ctx context.Context, c *qcos.Client) error {
		return second(c.SignMore(ctx, bucket, time.Now().Unix()+100))
	},
	"SignOnce": func(ctx context.Context, c *qcos.Client) error {
		return second(c.SignOnce(ctx, bucket, "/"+appid+"/"+bucket+"/x"))
	},
}

// onlyXML are those that the JSON API does not have.
var onlyXML = map[string]bool{
	"CopyFile": true, "CopyWith": true, "CopyTree": true, "CreateBucket": true, "DeleteBucket": true,
	"ListBuckets": true, "ListUploads": true, "SetVersioning": true, "GetVersioning": true, "ListVersions": true,
	"Versions": true,
	"Uploads":  true, "AbortUpload": true, "Request": true, "SetTags": true, "GetTags": true, "RestoreFile": true,
	"Append": true,
}

func second[T any](_ T, err error) error {
	return err
}

// last is the error that an iteration ends with.
func last[T any](entries func(yield func(T, error) bool)) (last error) {
	for _, err := range entries {
		last = err
	}
	return last
}

func TestEveryCallTakesAContext(t *testing.T) {
	calls, methods := asking(t), reflect.TypeOf(new(qcos.Client))
	// Nothing is sent, and nothing waited for.
	without := map[string]bool{
		"With": true, "Cancel": true, "Close": true, "SetCredentials": true, "OnExpiry": true, "Trace": true,
	}
	for i := 0; i < methods.NumMethod(); i++ {
		method := methods.Method(i)
		takes := method.Type.NumIn() > 1 && method.Type.In(1) == reflect.TypeOf((*context.Context)(nil)).Elem()
		same(t, []interface{}{method.Name, takes}, []interface{}{method.Name, !without[method.Name]})
		if takes && calls[method.Name] == nil && signing[method.Name] == nil {
			t.Error("not tried:", method.Name)
		}
	}
}

func TestAContextEndsEveryCall(t *testing.T) {
	service := silent(t)
	client := service.client(t)
	for name, call := range asking(t) {
		if onlyXML[name] && !xml() {
			continue
		}
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- call(ctx, client) }()
		select {
		case <-service.connected:
		case err := <-ended:
			t.Fatal(name, err)
		}
		cancelled := time.Now()
		cancel()
		err := <-ended
		if took := time.Since(cancelled); took > 2*time.Second {
			t.Error(name, took)
		}
		failure(t, err, context.Canceled)
		failure(t, err, qcos.ErrCancelled)
	}
	// It is the calls that have ended.
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, err := client.StatFile(ctx, bucket, "x")
	failure(t, err, context.DeadlineExceeded)
}

func TestADoneContextBeginsNothing(t *testing.T) {
	client := open(t, nil)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	calls := asking(t)
	for name, call := range signing {
		calls[name] = call
	}
	for name, call := range calls {
		failed := failure(t, call(done, client), context.Canceled)
		same(t, []string{name, failed.Message}, []string{name, "nothing was done"})
		failed = failure(t, call(nil, client), qcos.ErrParams)
		same(t, []string{name, failed.Message}, []string{name, "ctx must not be nil"})
	}
}

func TestADeadlineEndsEveryKindOfCall(t *testing.T) {
	client := silent(t).client(t)
	calls := asking(t)
	for _, name := range []string{"StatFile", "List", "Walk", "WalkPrefix", "UploadStream", "DownloadStream", "Object"} {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		err := calls[name](ctx, client)
		cancel()
		failure(t, err, context.DeadlineExceeded)
		failure(t, err, qcos.ErrCancelled)
	}
}

func TestACancelledClient(t *testing.T) {
	service := silent(t)
	client := service.client(t)
	derived, err := client.With(qcos.Options{TimeoutMS: 300})
	check(t, err)
	_, err = derived.StatFile(ctx, bucket, "x")
	failure(t, err, qcos.ErrNetwork)
	check(t, derived.Close())
	for len(service.connected) > 0 {
		<-service.connected
	}

	go func() {
		<-service.connected
		client.Cancel()
	}()
	_, err = client.StatFile(ctx, bucket, "x")
	failure(t, err, qcos.ErrCancelled)
	later, err := client.With(qcos.Options{})
	check(t, err)
	_, err = later.StatFile(ctx, bucket, "x")
	failure(t, err, qcos.ErrCancelled)
	check(t, later.Close())

	_, err = client.With(qcos.Options{Region: "ap-x"})
	failure(t, err, qcos.ErrParams)
	var never *qcos.Client
	never.Cancel()
	_, err = never.With(qcos.Options{})
	failure(t, err, qcos.ErrHandle)
}

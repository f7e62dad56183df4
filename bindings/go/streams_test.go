package qcos_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func stream(t *testing.T, client *qcos.Client, path string, options qcos.RangeOptions) ([]byte, qcos.Read) {
	t.Helper()
	var got bytes.Buffer
	read, err := client.DownloadStream(ctx, bucket, path, &got, options)
	check(t, err)
	same(t, read.Len, int64(got.Len()))
	return got.Bytes(), read
}

// hesitant brings nothing every other time, and less than is wanted.
type hesitant struct {
	source io.Reader
	reads  int
}

func (h *hesitant) Read(p []byte) (int, error) {
	h.reads++
	if h.reads%2 == 1 {
		return 0, nil
	}
	return h.source.Read(p[:(len(p)+2)/3])
}

func TestStreams(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	for size, with := range map[int]func(io.Reader) io.Reader{
		0:       func(r io.Reader) io.Reader { return r },
		9:       iotest.OneByteReader,
		100:     iotest.DataErrReader,
		mib + 1: func(r io.Reader) io.Reader { return &hesitant{source: r} },
		// In parts.
		9*mib + 1: func(r io.Reader) io.Reader { return iotest.HalfReader(iotest.DataErrReader(r)) },
	} {
		content, path := noise(t, size), remote+"/"+somewhere(t)
		var calls [][2]int64
		uploaded, err := client.UploadStream(ctx, with(bytes.NewReader(content)), bucket, path, qcos.StreamOptions{}, counting(&calls))
		check(t, err)
		same(t, uploaded.HTTPCode, 200)
		same(t, calls[len(calls)-1], [2]int64{int64(size), int64(size)})
		got, read := stream(t, client, path, qcos.RangeOptions{})
		same(t, []int64{read.Len, read.FileSize}, []int64{int64(size), int64(size)})
		if !bytes.Equal(got, content) {
			t.Fatal("another content of", size)
		}
		verified := "sha1"
		if xml() {
			verified = "crc64"
		}
		same(t, []interface{}{read.Verified, read.ETag != ""}, []interface{}{verified, xml()})
	}
	_, err := client.UploadStream(ctx, nil, bucket, remote, qcos.StreamOptions{}, nil)
	failure(t, err, qcos.ErrParams)
	_, err = client.DownloadStream(ctx, bucket, remote, nil, qcos.RangeOptions{})
	failure(t, err, qcos.ErrParams)
}

func TestStreamOptions(t *testing.T) {
	client, path := open(t, nil), somewhere(t)+"/file"
	upload := func(options qcos.StreamOptions) error {
		_, err := client.UploadStream(ctx, bytes.NewReader([]byte("hello")), bucket, path, options, nil)
		return err
	}
	for _, length := range []int64{4, 6, -1} {
		failure(t, upload(qcos.StreamOptions{Length: &length}), qcos.ErrParams)
	}
	length, yes := int64(5), true
	check(t, upload(qcos.StreamOptions{Length: &length, UploadOptions: qcos.UploadOptions{BizAttr: "text"}}))
	stat, err := client.StatFile(ctx, bucket, path)
	check(t, err)
	same(t, stat.BizAttr, "text")
	_, err = client.UploadStream(ctx, bytes.NewReader([]byte("other")), bucket, path, qcos.StreamOptions{}, nil)
	failure(t, err, fs.ErrExist)
	check(t, upload(qcos.StreamOptions{UploadOptions: qcos.UploadOptions{Overwrite: &yes}}))
	err = upload(qcos.StreamOptions{UploadOptions: qcos.UploadOptions{OnFailure: "none"}})
	if said := failure(t, err, qcos.ErrParams).Message; !strings.Contains(said, "on_failure") {
		t.Fatal(said)
	}
}

func TestAReadersErrorCancels(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	for size, wanted := range map[int]error{0: errMine, 100: io.ErrUnexpectedEOF, 9 * mib: errMine} {
		reader := io.MultiReader(bytes.NewReader(noise(t, size)), iotest.ErrReader(wanted))
		_, err := client.UploadStream(ctx, reader, bucket, remote+"/file", qcos.StreamOptions{}, nil)
		failed := failure(t, err, wanted)
		failure(t, err, qcos.ErrCancelled)
		same(t, failed.Session, "")
		_, err = client.StatFile(ctx, bucket, remote+"/file")
		failure(t, err, fs.ErrNotExist)
	}
	_, err := client.UploadStream(ctx, iotest.ErrReader(nil), bucket, remote+"/file", qcos.StreamOptions{}, nil)
	failure(t, err, io.ErrNoProgress)
	if !xml() {
		return
	}
	unfinished, err := client.ListUploads(ctx, bucket, remote)
	check(t, err)
	same(t, len(unfinished), 0)
	keep := qcos.StreamOptions{UploadOptions: qcos.UploadOptions{OnFailure: "keep"}}
	// With one part at a time, some have arrived when the last is read.
	reader := io.MultiReader(bytes.NewReader(noise(t, 33*mib)), iotest.ErrReader(errMine))
	client = open(t, func(options *qcos.Options) { options.Parallel = 1 })
	_, err = client.UploadStream(ctx, reader, bucket, remote+"/file", keep, nil)
	session := failure(t, err, errMine).Session
	unfinished, err = client.ListUploads(ctx, bucket, remote)
	check(t, err)
	same(t, unfinished[0].Session, session)
	check(t, client.AbortUpload(ctx, bucket, remote+"/file", session))
}

func TestTheProgressOfAStreamCancels(t *testing.T) {
	client, path := open(t, nil), somewhere(t)+"/file"
	reader := bytes.NewReader(noise(t, 9*mib))
	_, err := client.UploadStream(ctx, reader, bucket, path, qcos.StreamOptions{}, func(done, total int64) error {
		if done > 0 {
			return errMine
		}
		return nil
	})
	failure(t, err, errMine)
	_, err = client.StatFile(ctx, bucket, path)
	failure(t, err, fs.ErrNotExist)
}

// short takes less than it is given, and says nothing of it.
type short struct{}

func (short) Write(p []byte) (int, error) {
	return len(p) - 1, nil
}

// writer is a function as an io.Writer.
type writer func(p []byte) (int, error)

func (w writer) Write(p []byte) (int, error) {
	return w(p)
}

func TestAWritersErrorCancels(t *testing.T) {
	client, path := open(t, nil), somewhere(t)+"/file"
	_, err := client.UploadBuffer(ctx, noise(t, 9*mib), bucket, path, "")
	check(t, err)
	after := 0
	_, err = client.DownloadStream(ctx, bucket, path, writer(func(p []byte) (int, error) {
		after++
		return len(p), errMine
	}), qcos.RangeOptions{})
	failure(t, err, errMine)
	failure(t, err, qcos.ErrCancelled)
	same(t, after, 1)
	_, err = client.DownloadStream(ctx, bucket, path, short{}, qcos.RangeOptions{})
	failure(t, err, io.ErrShortWrite)
	_, err = client.DownloadStream(ctx, bucket, path+"2", io.Discard, qcos.RangeOptions{})
	failure(t, err, fs.ErrNotExist)
}

func TestRanges(t *testing.T) {
	client, path, content := open(t, nil), somewhere(t)+"/file", noise(t, 9*mib)
	_, err := client.UploadBuffer(ctx, content, bucket, path, "")
	check(t, err)
	few, many, most := int64(5), int64(8*mib+1), int64(1<<40)
	for _, piece := range []struct {
		options    qcos.RangeOptions
		begin, end int
	}{
		{qcos.RangeOptions{Offset: 7, Length: &few}, 7, 12},
		{qcos.RangeOptions{Offset: 7, Length: &many}, 7, 7 + 8*mib + 1},
		{qcos.RangeOptions{Offset: 9*mib - 3, Length: &few}, 9*mib - 3, 9 * mib},
		{qcos.RangeOptions{Offset: 9 * mib}, 9 * mib, 9 * mib},
		{qcos.RangeOptions{Length: new(int64)}, 0, 0},
		{qcos.RangeOptions{Last: &few}, 9*mib - 5, 9 * mib},
		{qcos.RangeOptions{Last: &most}, 0, 9 * mib},
	} {
		got, read := stream(t, client, path, piece.options)
		if !bytes.Equal(got, content[piece.begin:piece.end]) {
			t.Fatalf("%+v: %d bytes of another content", piece, len(got))
		}
		same(t, []interface{}{read.FileSize, read.Verified == "length"},
			[]interface{}{int64(9 * mib), len(got) < 9*mib})
	}
	for _, wrong := range []qcos.RangeOptions{
		{Offset: 9*mib + 1}, {Offset: -1}, {Offset: 1, Last: &few},
	} {
		_, err := client.DownloadStream(ctx, bucket, path, io.Discard, wrong)
		failure(t, err, qcos.ErrParams)
	}
}

func TestOneStreamIntoAnother(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	content := noise(t, 9*mib)
	_, err := client.UploadBuffer(ctx, content, bucket, remote+"/from", "")
	check(t, err)
	reader, pipe := io.Pipe()
	go func() {
		_, err := client.DownloadStream(ctx, bucket, remote+"/from", pipe, qcos.RangeOptions{})
		_ = pipe.CloseWithError(err)
	}()
	_, err = client.UploadStream(ctx, reader, bucket, remote+"/to", qcos.StreamOptions{}, nil)
	check(t, err)
	got, _ := stream(t, client, remote+"/to", qcos.RangeOptions{})
	same(t, bytes.Equal(got, content), true)
}

func TestConditions(t *testing.T) {
	client, path, no := open(t, nil), somewhere(t)+"/file", false
	_, err := client.UploadBuffer(ctx, []byte("hello"), bucket, path, "")
	check(t, err)
	stat, err := client.StatFile(ctx, bucket, path)
	check(t, err)
	got := filepath.Join(t.TempDir(), "got")
	with := func(conditions qcos.Conditions) []error {
		_, file := client.DownloadWith(ctx, bucket, path, got, qcos.DownloadConditions{Conditions: conditions}, nil)
		_, stream := client.DownloadStream(ctx, bucket, path, io.Discard, qcos.RangeOptions{Conditions: conditions})
		return []error{file, stream}
	}
	modified, etag := stat.Modified().Unix(), stat.ETag
	if !xml() {
		etag = "any"
	}
	for _, condition := range []struct {
		conditions qcos.Conditions
		refused    qcos.Code
	}{
		{qcos.Conditions{IfMatch: etag}, 0},
		{qcos.Conditions{IfMatch: "another"}, -412},
		{qcos.Conditions{IfNoneMatch: "another"}, 0},
		{qcos.Conditions{IfNoneMatch: etag}, -304},
		{qcos.Conditions{IfModifiedSince: modified - 60}, 0},
		{qcos.Conditions{IfModifiedSince: modified + 1}, -304},
		{qcos.Conditions{IfUnmodifiedSince: modified + 60}, 0},
		{qcos.Conditions{IfUnmodifiedSince: modified - 60}, -412},
	} {
		for _, err := range with(condition.conditions) {
			switch {
			case !xml():
				failure(t, err, qcos.ErrParams)
			case condition.refused != 0:
				failure(t, err, condition.refused)
			default:
				check(t, err)
			}
		}
	}

	_, err = client.DownloadBuffer(ctx, bucket, path, 0, make([]byte, 5), qcos.Conditions{IfMatch: "another"})
	if xml() {
		failure(t, err, qcos.Code(-412))
	} else {
		failure(t, err, qcos.ErrParams)
	}

	var calls [][2]int64
	downloaded, err := client.DownloadWith(ctx, bucket, path, got, qcos.DownloadConditions{}, counting(&calls))
	check(t, err)
	same(t, downloaded.FileSize, int64(5))
	same(t, calls[len(calls)-1], [2]int64{5, 5})
	check(t, os.WriteFile(got, []byte("mine"), 0o600))
	_, err = client.DownloadWith(ctx, bucket, path, got, qcos.DownloadConditions{Overwrite: &no}, nil)
	same(t, failure(t, err, qcos.ErrLocalFile).Kind, "exists")
	kept, err := os.ReadFile(got)
	check(t, err)
	same(t, string(kept), "mine")
}

// beside is memory with a pointer of Go's next to it, which C is not given.
type beside struct {
	pointer *beside
	memory  [64]byte
}

func TestMemory(t *testing.T) {
	client, remote, yes := open(t, nil), somewhere(t), true
	path, content := remote+"/file", noise(t, 9*mib)
	var calls [][2]int64
	options := qcos.UploadOptions{BizAttr: "text", Headers: map[string]string{"Cache-Control": "no-cache"}}
	_, err := client.UploadBufferWith(ctx, content, bucket, path, options, counting(&calls))
	check(t, err)
	same(t, calls[len(calls)-1], [2]int64{9 * mib, 9 * mib})
	stat, err := client.StatFile(ctx, bucket, path)
	check(t, err)
	same(t, []interface{}{stat.BizAttr, stat.FileSize}, []interface{}{"text", int64(9 * mib)})
	_, err = client.UploadBufferWith(ctx, content[1:], bucket, path, qcos.UploadOptions{}, nil)
	failure(t, err, fs.ErrExist)
	_, err = client.UploadBufferWith(ctx, noise(t, 9*mib), bucket, remote+"/2", options, func(done, total int64) error {
		return errMine
	})
	failure(t, err, errMine)

	buffer := make([]byte, 10*mib)
	for _, piece := range []struct {
		offset       int64
		size, length int
	}{
		{offset: 0, size: 10 * mib, length: 9 * mib}, {offset: 3, size: 5, length: 5},
		{offset: 9*mib - 3, size: 5, length: 3}, {offset: 9 * mib, size: 5, length: 0}, {offset: 5, size: 0, length: 0},
		{offset: 7, size: 8*mib + 1, length: 8*mib + 1},
	} {
		into := buffer[:piece.size:piece.size]
		read, err := client.DownloadBuffer(ctx, bucket, path, piece.offset, into, qcos.Conditions{})
		check(t, err)
		same(t, []int64{read.Len, read.FileSize}, []int64{int64(piece.length), 9 * mib})
		wanted := content[piece.offset : piece.offset+int64(piece.length)]
		same(t, bytes.Equal(into[:piece.length], wanted), true)
	}
	for _, offset := range []int64{9*mib + 1, -1} {
		_, err := client.DownloadBuffer(ctx, bucket, path, offset, buffer[:5], qcos.Conditions{})
		failure(t, err, qcos.ErrParams)
	}

	held := beside{memory: [64]byte{1, 2, 3}}
	held.pointer = &held
	_, err = client.UploadBuffer(ctx, held.memory[:], bucket, remote+"/held", "")
	check(t, err)
	_, err = client.UploadBufferWith(ctx, held.memory[:], bucket, remote+"/held", qcos.UploadOptions{Overwrite: &yes}, nil)
	check(t, err)
	held.memory = [64]byte{}
	_, err = client.DownloadBuffer(ctx, bucket, remote+"/held", 0, held.memory[:], qcos.Conditions{})
	check(t, err)
	same(t, held.memory, [64]byte{1, 2, 3})
	_, err = client.UploadBufferWith(ctx, nil, bucket, remote+"/empty", qcos.UploadOptions{}, nil)
	check(t, err)
}

// As callbacks do, a reader and a writer run on goroutines of their own.
func TestReadersAndWritersMayEndTheirGoroutine(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	_, err := client.UploadBuffer(ctx, []byte("hello"), bucket, remote+"/there", "")
	check(t, err)
	for name, end := range map[string]func(){"panic": func() { panic(errMine) }, "Goexit": runtime.Goexit} {
		for _, call := range []func(){
			func() {
				_, err := client.UploadStream(ctx, endingReader(end), bucket, remote+"/file", qcos.StreamOptions{}, nil)
				t.Error("it has returned", err)
			},
			func() {
				_, err := client.DownloadStream(ctx, bucket, remote+"/there", writer(func(p []byte) (int, error) {
					end()
					return len(p), nil
				}), qcos.RangeOptions{})
				t.Error("it has returned", err)
			},
		} {
			ended := make(chan interface{})
			go func() {
				defer func() { ended <- recover() }()
				call()
			}()
			same(t, <-ended == errMine, name == "panic")
		}
	}
	_, err = client.StatFile(ctx, bucket, remote+"/file")
	failure(t, err, fs.ErrNotExist)
}

// endingReader ends in its first Read.
type endingReader func()

func (r endingReader) Read(p []byte) (int, error) {
	r()
	return 0, errors.New("it goes on")
}

// listing is a reader that calls the library.
type listing struct {
	client *qcos.Client
	source io.Reader
}

func (l *listing) Read(p []byte) (int, error) {
	if _, err := l.client.List(ctx, bucket, "", qcos.ListOptions{}); err != nil {
		return 0, err
	}
	return l.source.Read(p)
}

func TestAReaderAndAWriterMayUseTheClient(t *testing.T) {
	client, path, content := open(t, nil), somewhere(t)+"/file", noise(t, mib)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader := &listing{client: client, source: bytes.NewReader(content)}
	_, err := client.UploadStream(ctx, reader, bucket, path, qcos.StreamOptions{}, nil)
	check(t, err)
	var got bytes.Buffer
	_, err = client.DownloadStream(ctx, bucket, path, writer(func(p []byte) (int, error) {
		if _, err := client.StatFile(ctx, bucket, path); got.Len() == 0 && err != nil {
			return 0, err
		}
		if err := client.Close(); err != nil {
			return 0, err
		}
		return got.Write(p)
	}), qcos.RangeOptions{})
	check(t, err)
	same(t, bytes.Equal(got.Bytes(), content), true)
	_, err = client.DownloadStream(ctx, bucket, path, &got, qcos.RangeOptions{})
	failure(t, err, qcos.ErrHandle)
	var never *qcos.Client
	for _, ctx := range []context.Context{ctx, context.Background()} {
		_, err = never.DownloadBuffer(ctx, bucket, path, 0, nil, qcos.Conditions{})
		failure(t, err, qcos.ErrHandle)
	}
	cancel()
	_, err = open(t, nil).DownloadStream(ctx, bucket, path, &got, qcos.RangeOptions{})
	same(t, failure(t, err, context.Canceled).Message, "nothing was done")
}

package qcos_test

import (
	"context"
	"io"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"qcos.example/qcos"
)

var _ io.ReaderAt = (*qcos.Object)(nil)

func TestObjects(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	for name, size := range map[string]int{"empty": 0, "small": 100} {
		content := noise(t, size)
		_, err := client.UploadBuffer(content, bucket, remote+"/"+name, "")
		check(t, err)
		object := client.Object(bucket, remote+"/"+name)
		length, err := object.Size()
		check(t, err)
		same(t, length, int64(size))
		// As a Reader, a Seeker and a ReaderAt.
		check(t, iotest.TestReader(io.NewSectionReader(object, 0, length), content))
		// It knows its end by itself, too.
		got, err := io.ReadAll(io.NewSectionReader(object, 0, 1<<40))
		check(t, err)
		same(t, string(got), string(content))
		for _, read := range []struct {
			off    int64
			length int
			err    error
		}{{length, 0, io.EOF}, {length + 1, 0, io.EOF}, {1 << 40, 0, io.EOF}, {max(length-3, 0), int(min(length, 3)), io.EOF}} {
			into := make([]byte, 5)
			n, err := object.ReadAt(into, read.off)
			same(t, []interface{}{n, err}, []interface{}{read.length, read.err})
			same(t, string(into[:n]), string(content[min(read.off, length):][:n]))
		}
		n, err := object.ReadAt(make([]byte, 5), -1)
		failure(t, err, qcos.ErrParams)
		same(t, n, 0)
	}
	_, err := client.Object(bucket, remote+"/none").ReadAt(make([]byte, 5), 7)
	failure(t, err, qcos.ErrNotFound)
	_, err = client.Object("", remote).ReadAt(make([]byte, 5), 7)
	failure(t, err, qcos.ErrParams)
	_, err = client.Object(bucket, remote+"/none").Size()
	failure(t, err, qcos.ErrNotFound)
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func max(a, b int64) int64 {
	return -min(-a, -b)
}

func TestAnObjectIsReadByManyGoroutines(t *testing.T) {
	client, path, content := open(t, nil), somewhere(t)+"/file", noise(t, 16*1000)
	_, err := client.UploadBuffer(content, bucket, path, "")
	check(t, err)
	object, got := client.Object(bucket, path), make([]byte, len(content))
	errs := make([]error, 16)
	var reading sync.WaitGroup
	for i := range errs {
		reading.Add(1)
		go func(i int) {
			defer reading.Done()
			_, errs[i] = object.ReadAt(got[i*1000:(i+1)*1000], int64(i*1000))
		}(i)
	}
	reading.Wait()
	for _, err := range errs {
		check(t, err)
	}
	same(t, string(got), string(content))
}

func TestAllPiecesOfAnObjectAreOfOneContent(t *testing.T) {
	client, path, yes := open(t, nil), somewhere(t)+"/file", true
	put := func(content string) {
		options := qcos.UploadOptions{Overwrite: &yes}
		_, err := client.UploadBufferWith(context.Background(), []byte(content), bucket, path, options, nil)
		check(t, err)
	}
	put("hello")
	object, into := client.Object(bucket, path), make([]byte, 2)
	_, err := object.ReadAt(into, 0)
	check(t, err)
	put("other")
	_, err = object.ReadAt(into, 2)
	if xml() {
		failure(t, err, qcos.Code(-412))
		_, err = object.Size()
		failure(t, err, qcos.Code(-412))
		// It is found out behind the end of the old one, too.
		_, err = object.ReadAt(into, 9)
		failure(t, err, qcos.Code(-412))
	} else {
		check(t, err)
	}
	_, err = client.Object(bucket, path).ReadAt(into, 1)
	check(t, err)
	same(t, string(into), "th")
}

func TestAContextEndsTheReadingOfAnObject(t *testing.T) {
	client := open(t, silent(t))
	ctx, cancel := context.WithCancel(context.Background())
	derived, err := client.WithContext(ctx)
	check(t, err)
	defer derived.Close()
	time.AfterFunc(200*time.Millisecond, cancel)
	_, err = derived.Object(bucket, "x").ReadAt(make([]byte, 5), 0)
	failure(t, err, qcos.ErrCancelled)
}

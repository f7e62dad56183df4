package qcos_test

import (
	"bytes"
	"io"
	"io/fs"
	"sync"
	"testing"
	"testing/iotest"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

var _ io.ReaderAt = (*qcos.Object)(nil)

func TestObjects(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	for name, size := range map[string]int{"empty": 0, "small": 100} {
		content := noise(t, size)
		_, err := client.UploadBuffer(ctx, content, bucket, remote+"/"+name, "")
		check(t, err)
		object := client.Object(ctx, bucket, remote+"/"+name)
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
	_, err := client.Object(ctx, bucket, remote+"/none").ReadAt(make([]byte, 5), 7)
	failure(t, err, fs.ErrNotExist)
	_, err = client.Object(ctx, "", remote).ReadAt(make([]byte, 5), 7)
	failure(t, err, qcos.ErrParams)
	_, err = client.Object(ctx, bucket, remote+"/none").Size()
	failure(t, err, fs.ErrNotExist)
}

func TestAnObjectIsReadByManyGoroutines(t *testing.T) {
	client, path, content := open(t, nil), somewhere(t)+"/file", noise(t, 16*1000)
	_, err := client.UploadBuffer(ctx, content, bucket, path, "")
	check(t, err)
	object, got := client.Object(ctx, bucket, path), make([]byte, len(content))
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
		_, err := client.UploadBufferWith(ctx, []byte(content), bucket, path, options, nil)
		check(t, err)
	}
	put("hello")
	object, into := client.Object(ctx, bucket, path), make([]byte, 2)
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
	_, err = client.Object(ctx, bucket, path).ReadAt(into, 1)
	check(t, err)
	same(t, string(into), "th")
}

var _ io.ReadSeeker = (*qcos.Reader)(nil)

func TestReaders(t *testing.T) {
	client, remote := open(t, nil), somewhere(t)
	for name, size := range map[string]int{"empty": 0, "small": 100, "pieces": 300_000} {
		content := noise(t, size)
		check(t, second(client.UploadBuffer(ctx, content, bucket, remote+"/"+name, "")))
		object := client.Object(ctx, bucket, remote+"/"+name)
		check(t, iotest.TestReader(object.Reader(), content))
		// Two at once, each where it is.
		one, other := object.Reader(), object.Reader()
		end, err := one.Seek(0, io.SeekEnd)
		check(t, err)
		same(t, end, int64(size))
		got, err := io.ReadAll(one)
		same(t, []interface{}{len(got), err}, []interface{}{0, nil})
		got, err = io.ReadAll(other)
		check(t, err)
		same(t, string(got), string(content))
		for _, wrong := range []struct {
			offset int64
			whence int
		}{{-1, io.SeekStart}, {-1 - end, io.SeekEnd}, {-1 - end, io.SeekCurrent}, {0, 7}} {
			if _, err := other.Seek(wrong.offset, wrong.whence); err == nil {
				t.Fatal(wrong)
			}
		}
		// Behind the end is the end.
		check(t, second(other.Seek(1<<40, io.SeekStart)))
		n, err := other.Read(make([]byte, 5))
		same(t, []interface{}{n, err}, []interface{}{0, io.EOF})
	}
}

func TestAReaderAsksForMoreAndMore(t *testing.T) {
	client, path, content := open(t, nil), somewhere(t)+"/file", noise(t, 20*mib)
	check(t, second(client.UploadBuffer(ctx, content, bucket, path, "")))
	reader := client.Object(ctx, bucket, path).Reader()
	got, err := io.ReadAll(reader)
	check(t, err)
	same(t, bytes.Equal(got, content), true)
	for _, offset := range []int64{19 * mib, 19*mib + 5, 3, 2*mib + 7, 20*mib - 1} {
		check(t, second(reader.Seek(offset, io.SeekStart)))
		into := make([]byte, min(mib, 20*mib-offset))
		check(t, second(io.ReadFull(reader, into)))
		same(t, bytes.Equal(into, content[offset:][:len(into)]), true)
	}
}

func TestAReaderOfAFileThatIsReplaced(t *testing.T) {
	client, path, yes := open(t, nil), somewhere(t)+"/file", true
	put := func() {
		options := qcos.UploadOptions{Overwrite: &yes}
		check(t, second(client.UploadBufferWith(ctx, noise(t, 200_000), bucket, path, options, nil)))
	}
	put()
	reader := client.Object(ctx, bucket, path).Reader()
	check(t, second(io.ReadFull(reader, make([]byte, 10))))
	put()
	_, err := io.ReadAll(reader)
	if xml() {
		failure(t, err, qcos.Code(-412))
		// It is as far as before, and can be asked again.
		failure(t, second(reader.Read(make([]byte, 10))), qcos.Code(-412))
	} else {
		check(t, err)
	}
}

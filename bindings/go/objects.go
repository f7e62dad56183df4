package qcos

import (
	"context"
	"errors"
	"io"
	"sync"
)

// An Object reads a file of the service piece by piece. Any goroutine may use it, also several at once. In the
// XML API all pieces are of the same content: once another is there, reading fails with Code(-412).
type Object struct {
	ctx          context.Context
	client       *Client
	bucket, path string
	// "" for the newest.
	version string

	mutex sync.Mutex
	// Of the content that was read first; "" where the service tells none.
	etag string
}

// Object is a file to be read as an io.ReaderAt, or an io.ReadSeeker, as long as the context is not done;
// nothing is sent.
func (c *Client) Object(ctx context.Context, bucket, path string) *Object {
	return &Object{ctx: ctx, client: c, bucket: bucket, path: path}
}

// ReadAt reads bytes of the file, as io.ReaderAt says: fewer than p takes only with io.EOF or another error.
func (o *Object) ReadAt(p []byte, off int64) (int, error) {
	length, _, err := o.readAt(p, off)
	return length, err
}

// readAt tells the file's size, too, unless it fails with more than io.EOF.
func (o *Object) readAt(p []byte, off int64) (length int, size int64, err error) {
	read, err := o.read(p, off)
	switch {
	case err == nil && read.Len < int64(len(p)):
		return int(read.Len), read.FileSize, io.EOF
	case err == nil:
		return len(p), read.FileSize, nil
	case off > 0 && errors.Is(err, ErrParams):
		// Behind the end it is an error of qcos.h's, and the end for Go.
		if size, unknown := o.Size(); unknown == nil && off > size {
			return 0, size, io.EOF
		}
	}
	return 0, -1, err
}

// Size is how many bytes the file has.
func (o *Object) Size() (int64, error) {
	read, err := o.read(nil, 0)
	return read.FileSize, err
}

// read reads bytes of the content that was read first.
func (o *Object) read(p []byte, off int64) (Read, error) {
	etag := o.first("")
	read, err := o.client.DownloadBuffer(o.ctx, o.bucket, o.path, off, p, Conditions{VersionID: o.version, IfMatch: etag})
	if err == nil && etag == "" && o.first(read.ETag) != read.ETag {
		// Another goroutine has read another content meanwhile: the service is to say so.
		return o.read(p, off)
	}
	return read, err
}

// first is the ETag of the content that was read first: of this one, if none was.
func (o *Object) first(etag string) string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	if o.etag == "" {
		o.etag = etag
	}
	return o.etag
}

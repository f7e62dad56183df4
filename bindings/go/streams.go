package qcos

import (
	"context"
	"errors"
	"io"
	"unsafe"
)

// A reader that has so often brought nothing is given up.
const emptyReads = 100

// UploadStream uploads what r reads up to io.EOF, of a size that need not be known: in the XML API of any
// size, in parts that memory holds while they are on their way; in the JSON API up to 20 MiB. An error of r
// cancels the call, and is what the returned Error wraps. A context that is done ends the call, but not
// before a Read that is under way has returned.
func (c *Client) UploadStream(
	ctx context.Context, r io.Reader, bucket, dstpath string, options StreamOptions, progress Progress,
) (uploaded Uploaded, err error) {
	if r == nil {
		return uploaded, failed(ErrParams, "QCOS_ERR_PARAMS", "parameter", "r must not be nil")
	}
	optionsJSON, err := asJSON(options)
	if err != nil {
		return uploaded, err
	}
	given := []text{{"bucket", bucket}, {"dstpath", dstpath}, {"options_json", optionsJSON}}
	call := &call{ctx: ctx, progress: progress, read: reading(r)}
	err = c.perform(call, &uploaded, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.UploadStream(client, t[0], t[1], t[2], c.library.readCallback, callback, number)
	})
	return uploaded, err
}

// reading reads at least one byte at a time; none is the end.
func reading(r io.Reader) func(buffer []byte) (int, error) {
	ended := false
	return func(buffer []byte) (int, error) {
		for tries := 0; tries < emptyReads && !ended; tries++ {
			length, err := r.Read(buffer)
			if length < 0 || length > len(buffer) {
				return 0, errors.New("qcos: the reader returned an impossible count")
			}
			// What came with the end is taken first.
			ended = err == io.EOF
			if err != nil && !ended {
				return 0, err
			}
			if length > 0 {
				return length, nil
			}
		}
		if !ended {
			return 0, io.ErrNoProgress
		}
		return 0, nil
	}
}

// DownloadStream writes a file, or some of it, to w, in order. Only when it returns no error were all bytes
// those of the file. An error of w cancels the call, and is what the returned Error wraps. A context that is
// done ends the call, but not before a Write that is under way has returned.
func (c *Client) DownloadStream(
	ctx context.Context, bucket, path string, w io.Writer, options RangeOptions,
) (read Read, err error) {
	if w == nil {
		return read, failed(ErrParams, "QCOS_ERR_PARAMS", "parameter", "w must not be nil")
	}
	optionsJSON, err := asJSON(options)
	if err != nil {
		return read, err
	}
	given := []text{{"bucket", bucket}, {"path", path}, {"options_json", optionsJSON}}
	call := &call{ctx: ctx, write: writing(w)}
	err = c.perform(call, &read, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.DownloadStream(client, t[0], t[1], t[2], callback, number)
	})
	return read, err
}

// writing writes everything or fails.
func writing(w io.Writer) func(data []byte) error {
	return func(data []byte) error {
		length, err := w.Write(data)
		if err == nil && length != len(data) {
			err = io.ErrShortWrite
		}
		return err
	}
}

// DownloadBuffer reads bytes of a file, from offset on, into memory: as many as it takes, fewer where the file
// ends before that. After a failure the memory holds anything.
func (c *Client) DownloadBuffer(
	ctx context.Context, bucket, path string, offset int64, buffer []byte, options Conditions,
) (read Read, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return read, err
	}
	given := []text{{"bucket", bucket}, {"path", path}, {"options_json", optionsJSON}}
	call := &call{ctx: ctx}
	err = c.perform(call, &read, given, func(client uint64, t []*byte, _, _ uintptr) unsafe.Pointer {
		size := uintptr(len(buffer))
		return c.library.DownloadBuffer(client, t[0], t[1], offset, first(buffer), size, t[2])
	})
	return read, err
}

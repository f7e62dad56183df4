package qcos

import (
	"errors"
	"fmt"
	"io"
)

// How much a Reader asks for at first, and at most: the double each time, as long as it goes forward.
const (
	leastPiece = 64 << 10
	mostPiece  = 8 << 20
)

// A Reader reads an Object from front to back, and seeks: an io.ReadSeeker, such as http.ServeContent takes.
// It reads ahead, the more the longer it goes on. One goroutine at a time may use it.
type Reader struct {
	object *Object
	// Of the next byte, and of the first of those that were read ahead.
	offset, from int64
	ahead        []byte
	// How much to ask for next, and how many bytes there are: -1 as long as that is not known.
	piece int
	size  int64
}

// Reader makes another Reader, at the front; nothing is sent.
func (o *Object) Reader() *Reader {
	return &Reader{object: o, piece: leastPiece, size: -1}
}

// Read reads what comes next: some of it, or io.EOF.
func (r *Reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if r.offset < r.from || r.offset >= r.from+int64(len(r.ahead)) {
		if r.size >= 0 && r.offset >= r.size {
			return 0, io.EOF
		}
		if err := r.fetch(); err != nil {
			return 0, err
		}
	}
	length := copy(p, r.ahead[r.offset-r.from:])
	r.offset += int64(length)
	return length, nil
}

// fetch reads ahead from here.
func (r *Reader) fetch() error {
	if r.offset != r.from+int64(len(r.ahead)) {
		r.piece = leastPiece
	}
	piece := int64(r.piece)
	if r.size >= 0 {
		piece = min(piece, r.size-r.offset)
	}
	if int64(cap(r.ahead)) < piece {
		r.ahead = make([]byte, piece)
	}
	into := r.ahead[:piece]
	r.from, r.ahead = r.offset, r.ahead[:0]
	length, size, err := r.object.readAt(into, r.offset)
	if err != nil && (err != io.EOF || length == 0) {
		return err
	}
	r.ahead, r.size, r.piece = into[:length], size, min(2*r.piece, mostPiece)
	return nil
}

// Seek says where to read on, as io.Seeker does. From the end it may ask for the size.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekStart:
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		if r.size < 0 {
			size, err := r.object.Size()
			if err != nil {
				return 0, err
			}
			r.size = size
		}
		offset += r.size
	default:
		return 0, fmt.Errorf("qcos: Seek: no such whence: %d", whence)
	}
	if offset < 0 {
		return 0, errors.New("qcos: Seek: before the front")
	}
	r.offset = offset
	return offset, nil
}

package qcos

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"
)

// Progress is told how many bytes are on their way or have arrived, and how many there are in all. Its
// error cancels the call, and is what the call's Error wraps.
type Progress func(done, total int64) error

// A watcher is what C can call back in one call of ours.
type watcher struct {
	ctx      context.Context
	progress Progress
	page     func([]Info) error
	read     func(buffer []byte) (int, error)
	write    func(data []byte) error

	// What the callback has ended with.
	stop  error
	crash *crash
}

// A crash is the end of a callback that did not return: by a panic, or by runtime.Goexit without a
// value.
type crash struct {
	value interface{}
}

// C knows them by their number, as it must not keep pointers of Go's.
var (
	watchers    sync.Map
	lastWatcher atomic.Uintptr
)

func progressed(done, total uint64, call uintptr) int32 {
	watcher := watching(call)
	return watcher.answer(watcher.progress != nil, func() error {
		return watcher.progress(int64(done), int64(total))
	})
}

func paged(page unsafe.Pointer, call uintptr) int32 {
	text := copied(page)
	watcher := watching(call)
	return watcher.answer(true, func() error {
		var listed struct {
			Infos []Info `json:"infos"`
		}
		if err := json.Unmarshal(text, &listed); err != nil {
			return err
		}
		return watcher.page(listed.Infos)
	})
}

// filled is how many bytes of a stream are in the buffer now: 0 at its end, -1 to cancel.
func filled(buffer unsafe.Pointer, size, call uintptr) int64 {
	watcher, length := watching(call), 0
	answer := watcher.answer(true, func() (err error) {
		length, err = watcher.read(unsafe.Slice((*byte)(buffer), size))
		return err
	})
	if answer != 0 {
		return -1
	}
	return int64(length)
}

func written(data unsafe.Pointer, length, call uintptr) int32 {
	watcher := watching(call)
	return watcher.answer(true, func() error {
		return watcher.write(unsafe.Slice((*byte)(data), length))
	})
}

func watching(call uintptr) *watcher {
	found, _ := watchers.Load(call)
	return found.(*watcher)
}

// answer is 0 to go on, 1 to cancel.
func (w *watcher) answer(wanted bool, callback func() error) int32 {
	if wanted && w.goesOn() {
		w.run(callback)
	}
	if w.goesOn() {
		return 0
	}
	return 1
}

func (w *watcher) goesOn() bool {
	return w.stop == nil && w.crash == nil && w.ctx.Err() == nil
}

func (w *watcher) called() bool {
	return w.progress != nil || w.page != nil || w.read != nil || w.write != nil
}

// run calls it on a goroutine of its own: neither a panic nor runtime.Goexit, as of testing's
// FailNow, may go up through C.
func (w *watcher) run(callback func() error) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		returned := false
		defer func() {
			if !returned {
				w.crash = &crash{recover()}
			}
		}()
		w.stop = callback()
		returned = true
	}()
	<-ended
}

// watch makes a call of C's that can be cancelled, and ends as its callback has ended.
func (c *Client) watch(
	watcher *watcher, wanted result, given []text, call func(t []*byte, callback, number uintptr) unsafe.Pointer,
) error {
	if err := watcher.ctx.Err(); err != nil {
		early := failed(ErrCancelled, "QCOS_ERR_CANCELLED", "cancelled", "nothing was done")
		early.cause = err
		return early
	}
	var number uintptr
	if watcher.called() || watcher.ctx.Done() != nil {
		number = lastWatcher.Add(1)
		watchers.Store(number, watcher)
		defer watchers.Delete(number)
	}
	err := c.ask(wanted, given, func(t []*byte) unsafe.Pointer {
		switch {
		case number == 0:
			return call(t, 0, 0)
		case watcher.page != nil:
			return call(t, c.library.pageCallback, number)
		case watcher.write != nil:
			return call(t, c.library.writeCallback, number)
		}
		return call(t, c.library.progressCallback, number)
	})
	if watcher.crash != nil {
		if watcher.crash.value == nil {
			runtime.Goexit()
		}
		panic(watcher.crash.value)
	}
	failure, ok := err.(*Error)
	switch {
	case err == nil:
		// The callback has failed when it was too late to cancel.
		return watcher.stop
	case ok && watcher.stop != nil:
		failure.cause = watcher.stop
	case ok && failure.Code == ErrCancelled:
		failure.cause = watcher.ctx.Err()
	}
	return err
}

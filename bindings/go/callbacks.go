package qcos

import (
	"encoding/json"
	"runtime"
	"unsafe"
)

// Progress is told how many bytes are on their way or have arrived, and how many there are in all. Its
// error cancels the call, and is what the call's Error wraps.
type Progress func(done, total int64) error

// A crash is the end of a callback that did not return: by a panic, or by runtime.Goexit without a
// value.
type crash struct {
	value interface{}
}

// guarded notes how it ends, if it does not return.
func guarded(noted **crash, do func()) {
	returned := false
	defer func() {
		if !returned {
			*noted = &crash{recover()}
		}
	}()
	do()
	returned = true
}

// again ends this goroutine as the callback's has ended.
func (c *crash) again() {
	if c.value == nil {
		runtime.Goexit()
	}
	panic(c.value)
}

func progressed(done, total uint64, number uintptr) int32 {
	call := of(number)
	return call.answer(func() error { return call.progress(int64(done), int64(total)) })
}

func paged(page unsafe.Pointer, number uintptr) int32 {
	text, call := copied(page), of(number)
	return call.answer(func() error {
		var listed struct {
			Infos []Info `json:"infos"`
		}
		if err := json.Unmarshal(text, &listed); err != nil {
			return err
		}
		return call.page(listed.Infos)
	})
}

// filled is how many bytes of a stream are in the buffer now: 0 at its end, -1 to cancel.
func filled(buffer unsafe.Pointer, size, number uintptr) int64 {
	call, length := of(number), 0
	answer := call.answer(func() (err error) {
		length, err = call.read(unsafe.Slice((*byte)(buffer), size))
		return err
	})
	if answer != 0 {
		return -1
	}
	return int64(length)
}

func written(data unsafe.Pointer, length, number uintptr) int32 {
	call := of(number)
	return call.answer(func() error { return call.write(unsafe.Slice((*byte)(data), length)) })
}

// expiring is asked for credentials on the thread of the call with this handle.
func expiring(handle uint64, _ uintptr) int32 {
	call := of(uintptr(handle))
	callback := call.renewal.callback.Load()
	if callback == nil {
		// It was taken back in this moment.
		return 0
	}
	turn := newTurn()
	return call.answerWhile(turn.work, func() error {
		defer close(turn.over)
		return call.renew(*callback, turn)
	})
}

func traced(event unsafe.Pointer, number uintptr) int32 {
	text, call := copied(event), of(number)
	return call.tell(text)
}

// answer is 0 to go on, 1 to cancel.
func (k *call) answer(callback func() error) int32 {
	return k.answerWhile(nil, callback)
}

// answerWhile does some work on this thread, too, while the callback runs.
func (k *call) answerWhile(work <-chan func(), callback func() error) int32 {
	if k.goesOn() {
		k.run(work, callback)
	}
	return flag(!k.goesOn())
}

func (k *call) goesOn() bool {
	return k.stop == nil && k.crash == nil && k.ctx.Err() == nil
}

// run calls it on a goroutine of its own: neither a panic nor runtime.Goexit, as of testing's
// FailNow, may go up through C.
func (k *call) run(work <-chan func(), callback func() error) {
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		guarded(&k.crash, func() { k.stop = callback() })
	}()
	for {
		select {
		case <-ended:
			return
		case do := <-work:
			do()
		}
	}
}

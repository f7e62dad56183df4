package qcos

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// A call is one of C's that may wait: its context, and what C may call back. It has a handle of its own,
// so that it can be cancelled alone, and C's callbacks find it by that.
type call struct {
	ctx      context.Context
	progress Progress
	page     func([]Info) error
	read     func(buffer []byte) (int, error)
	write    func(data []byte) error
	trace    func(ctx context.Context, event TraceEvent) error

	library *library
	handle  uint64
	renewal *renewal

	// What a callback has ended with.
	stop  error
	crash *crash
}

// calls are those that are being made, by their handles. C gets no pointers of Go's.
var calls sync.Map

// of is the call with this handle.
func of(handle uintptr) *call {
	found, _ := calls.Load(handle)
	return found.(*call)
}

// ask makes a call that calls nothing back, but for credentials.
func (c *Client) ask(
	ctx context.Context, wanted result, given []text, made func(client uint64, t []*byte) unsafe.Pointer,
) error {
	return c.perform(&call{ctx: ctx}, wanted, given, func(client uint64, t []*byte, _, _ uintptr) unsafe.Pointer {
		return made(client, t)
	})
}

// perform makes a call, and ends as its callback has ended.
func (c *Client) perform(
	call *call, wanted result, given []text,
	made func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer,
) error {
	if call.ctx == nil {
		return failed(ErrParams, "QCOS_ERR_PARAMS", "parameter", "ctx must not be nil")
	}
	if err := call.ctx.Err(); err != nil {
		early := failed(ErrCancelled, "QCOS_ERR_CANCELLED", "cancelled", "nothing was done")
		early.cause = err
		return early
	}
	handle, err := c.derive(text{})
	if err != nil {
		return err
	}
	call.library, call.handle, call.renewal, call.trace = c.library, handle, c.renewal, c.tracing.of(call.ctx)
	number := uintptr(handle)
	calls.Store(number, call)
	over := context.AfterFunc(call.ctx, func() { call.library.ClientCancel(handle) })
	if err = call.beTraced(); err == nil {
		err = c.library.reply(wanted, given, func(t []*byte) (reply unsafe.Pointer) {
			c.renewal.within(call.ctx, func() { reply = made(handle, t, call.callback(), number) })
			return reply
		})
	}
	over()
	calls.Delete(number)
	call.library.ClientClose(handle)
	return call.ended(err)
}

// callback is the one of C's that the call is made with, 0 for none.
func (k *call) callback() uintptr {
	switch {
	case k.page != nil:
		return k.library.pageCallback
	case k.write != nil:
		return k.library.writeCallback
	case k.progress != nil:
		return k.library.progressCallback
	}
	return 0
}

// ended ends as the callback has, or says why the call was cancelled.
func (k *call) ended(err error) error {
	if k.crash != nil {
		k.crash.again()
	}
	failure, ok := err.(*Error)
	switch {
	case err == nil:
		// The callback has failed when it was too late to cancel.
		return k.stop
	case ok && k.stop != nil:
		failure.cause = k.stop
	case ok && failure.Code == ErrCancelled:
		failure.cause = k.ctx.Err()
	}
	return err
}

// local makes a call of C's that waits for nothing.
func (c *Client) local(given []text, made func(t []*byte) unsafe.Pointer) error {
	if !c.opened() {
		return failed(ErrHandle, "QCOS_ERR_HANDLE", "handle", "the client was never opened")
	}
	err := c.library.reply(&Reply{}, given, made)
	// Not closed as lost before the call is over.
	runtime.KeepAlive(c.handle)
	return err
}

// reply makes a call of C's: strings in, a reply out, which is decoded into what is wanted.
func (l *library) reply(wanted result, given []text, made func(t []*byte) unsafe.Pointer) error {
	pointers, err := terminated(given)
	if err != nil {
		return err
	}
	address := made(pointers)
	answer := copied(address)
	l.StringFree(address)
	if string(answer) == success {
		// As each call's handle comes: not worth decoding.
		wanted.received(Reply{Data: json.RawMessage("{}")})
		return nil
	}
	return decode(answer, wanted)
}

// success is the reply that says nothing more.
const success = `{"code":0,"message":"SUCCESS","httpcode":0,"data":{}}`

// text is a parameter, and what the header calls it.
type text struct {
	parameter, value string
}

// orNull marks a parameter that is NULL when it is empty.
func orNull(parameter, value string) text {
	if value == "" {
		return text{}
	}
	return text{parameter, value}
}

// terminated are the strings as C wants them.
func terminated(given []text) ([]*byte, error) {
	pointers := make([]*byte, len(given))
	for i, text := range given {
		if text.parameter == "" {
			continue
		}
		if strings.IndexByte(text.value, 0) >= 0 {
			// C would see its end there.
			return nil, failed(ErrParams, "QCOS_ERR_PARAMS", "parameter", text.parameter+" has a NUL character")
		}
		pointers[i] = &append([]byte(text.value), 0)[0]
	}
	return pointers, nil
}

// copied is a string of C's.
func copied(address unsafe.Pointer) []byte {
	length := 0
	for *(*byte)(unsafe.Add(address, length)) != 0 {
		length++
	}
	return append([]byte(nil), unsafe.Slice((*byte)(address), length)...)
}

// asJSON is a parameter that the header wants as JSON.
func asJSON(value interface{}) (string, error) {
	text, err := json.Marshal(value)
	return string(text), err
}

func flag(set bool) int32 {
	if set {
		return 1
	}
	return 0
}

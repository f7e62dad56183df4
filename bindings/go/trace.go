package qcos

import (
	"context"
	"encoding/json"
	"math"
	"sync/atomic"
	"time"
	"unsafe"
)

// A TraceEvent tells about one attempt at a request. Nothing in it is secret.
type TraceEvent struct {
	// Time is when the attempt began.
	Time time.Time
	// Attempt is 1 for the first; more when the request is sent again.
	Attempt int
	// The request, encoded as it is sent.
	Method, Host, Path, Query string
	// Status is 0 without an answer.
	Status int
	// RequestID is the service's number for the request, "" where it gives none.
	RequestID string
	// Code and Error are what an Error would have as Code and Message: 0 and "" when the attempt has succeeded.
	Code  Code
	Error string
	// RetryIn is the pause before the next attempt, nil when none follows.
	RetryIn *time.Duration
	// Bytes of the two bodies.
	Sent, Received int64
	// The steps of a new connection; 0 when there was no such step, as on a kept connection.
	DNS, Connect, Tunnel, TLS time.Duration
	// Head is until the head of the answer was complete, Whole until the attempt ended.
	Head, Whole time.Duration
}

// UnmarshalJSON reads an event with the header's names.
func (e *TraceEvent) UnmarshalJSON(text []byte) error {
	var read struct {
		TimeMS    int64         `json:"time_ms"`
		Attempt   int           `json:"attempt"`
		Method    string        `json:"method"`
		Host      string        `json:"host"`
		Path      string        `json:"path"`
		Query     string        `json:"query"`
		Status    int           `json:"status"`
		RequestID string        `json:"request_id"`
		Code      Code          `json:"code"`
		Error     string        `json:"error"`
		RetryIn   *milliseconds `json:"retry_in_ms"`
		Sent      int64         `json:"sent"`
		Received  int64         `json:"received"`
		DNS       milliseconds  `json:"dns_ms"`
		Connect   milliseconds  `json:"connect_ms"`
		Tunnel    milliseconds  `json:"tunnel_ms"`
		TLS       milliseconds  `json:"tls_ms"`
		Head      milliseconds  `json:"head_ms"`
		Whole     milliseconds  `json:"whole_ms"`
	}
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*e = TraceEvent{
		Time: time.UnixMilli(read.TimeMS), Attempt: read.Attempt,
		Method: read.Method, Host: read.Host, Path: read.Path, Query: read.Query,
		Status: read.Status, RequestID: read.RequestID, Code: read.Code, Error: read.Error,
		RetryIn: (*time.Duration)(read.RetryIn), Sent: read.Sent, Received: read.Received,
		DNS: time.Duration(read.DNS), Connect: time.Duration(read.Connect),
		Tunnel: time.Duration(read.Tunnel), TLS: time.Duration(read.TLS),
		Head: time.Duration(read.Head), Whole: time.Duration(read.Whole),
	}
	return nil
}

// milliseconds are a Duration that the header has as a number with decimals down to the microsecond.
type milliseconds time.Duration

func (m *milliseconds) UnmarshalJSON(text []byte) error {
	var read float64
	err := json.Unmarshal(text, &read)
	*m = milliseconds(time.Duration(math.Round(read*1000)) * time.Microsecond)
	return err
}

// A tracing is a client's callback for events. A client derived by With uses its origin's if it has none.
type tracing struct {
	origin   *tracing
	callback atomic.Pointer[func(context.Context, TraceEvent) error]
}

// Trace has a callback told of every attempt at a request, whether it succeeds or fails: for logs and
// measurements. It is told of calls that begin from then on, by the client and by those derived from it that
// have no callback of their own; nil for none any more. An error cancels the call, and is what the call's Error
// wraps.
//
// The callback gets the context of the call that made the request. It runs like any other while its call waits,
// soon after the attempt has ended and always before the call returns; several calls may run it at once. It may
// use clients with the context that it was given: such calls are not traced. With another context they are, and
// may never end. It is kept as long as one of the clients is.
func (c *Client) Trace(callback func(ctx context.Context, event TraceEvent) error) error {
	// C is given a callback for each call, which is known by its number then; here it tells whether the client
	// is open.
	err := c.local(nil, func([]*byte) unsafe.Pointer {
		return c.library.ClientTrace(c.number, 0, 0)
	})
	if err != nil {
		return err
	}
	if callback == nil {
		c.tracing.callback.Store(nil)
	} else {
		c.tracing.callback.Store(&callback)
	}
	return nil
}

// untracedKey is in the context of a callback that is told of an event.
type untracedKey struct{}

// of is the callback for a call with this context, nil for none.
func (t *tracing) of(ctx context.Context) func(context.Context, TraceEvent) error {
	if ctx.Value(untracedKey{}) != nil {
		return nil
	}
	for ; t != nil; t = t.origin {
		if callback := t.callback.Load(); callback != nil {
			return *callback
		}
	}
	return nil
}

// beTraced has C tell the call's callback of its requests, if it has one.
func (k *call) beTraced() error {
	if k.trace == nil {
		return nil
	}
	return k.library.reply(&Reply{}, nil, func([]*byte) unsafe.Pointer {
		return k.library.ClientTrace(k.handle, k.library.traceCallback, uintptr(k.handle))
	})
}

// tell is 0 to go on, 1 to cancel. The callback is told of what was cancelled, too, but no more once it has
// failed itself.
func (k *call) tell(text []byte) int32 {
	if k.trace != nil && k.crash == nil {
		goesOn, stop := k.goesOn(), k.stop
		ctx, own := context.WithValue(k.ctx, untracedKey{}, true), newTurn()
		if _, within := k.ctx.Value(turnKey{k.renewal}).(*turn); within {
			// The thread that the callback for credentials works on is this one, which waits.
			ctx = context.WithValue(ctx, turnKey{k.renewal}, own)
		}
		k.run(own.work, func() error {
			defer close(own.over)
			var event TraceEvent
			err := json.Unmarshal(text, &event)
			if err == nil {
				err = k.trace(ctx, event)
			}
			if err != nil {
				k.trace = nil
			}
			return err
		})
		if !goesOn {
			// What came first is why the call has ended.
			k.stop = stop
		}
	}
	return flag(!k.goesOn())
}

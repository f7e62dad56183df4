// Package qcos calls libqcos, a client of Tencent Cloud Object Storage (COS).
//
// A method is called what the function of qcos.h is, and takes its parameters in the same order; the
// header is the manual of each. What fails gives an *Error, or an error that wraps one.
//
// The library is linked with cgo. Without cgo, or with the build tag qcos_pure, it is loaded when
// the first client is opened, and no C compiler is needed.
package qcos

import (
	"context"
	"encoding/json"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// Version is the one of qcos.h that this package was written for.
const Version = "0.1.0"

// A Client is an account at a service. Any goroutine may use it, also several at once. A copy is the
// same client: closing one closes all.
type Client struct {
	*state
}

// state is what all copies of a client share. It is closed with the last of them.
type state struct {
	library *library
	handle  uint64
	closing sync.Once
	// closed is closed with the client.
	closed chan struct{}
}

// Open makes a client; nothing is sent. It fails when there is no library, or one that does not fit
// this package, and with ErrParams when a parameter or option is wrong.
func Open(appid, secretID, secretKey string, options Options) (*Client, error) {
	library, err := load()
	if err != nil {
		return nil, err
	}
	optionsJSON, err := asJSON(options)
	if err != nil {
		return nil, err
	}
	given := []text{
		{"appid", appid}, {"secret_id", secretID}, {"secret_key", secretKey}, {"options_json", optionsJSON},
	}
	client, handle := &Client{&state{library: library}}, new(uint64)
	err = client.ask(&Reply{}, given, func(t []*byte) unsafe.Pointer {
		return library.ClientOpen(t[0], t[1], t[2], t[3], handle)
	})
	if err != nil {
		return nil, err
	}
	return client.of(*handle), nil
}

// of makes the client the one of a handle.
func (c *Client) of(handle uint64) *Client {
	c.handle, c.closed = handle, make(chan struct{})
	// For a client that is lost without having been closed.
	runtime.SetFinalizer(c.state, (*state).close)
	return c
}

// With derives a client: another handle on the same account and connections, with limits of its own. Of
// the options only those that qcos_client_with names may be set; what is left out is as c has it.
func (c *Client) With(options Options) (*Client, error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return nil, err
	}
	handle := new(uint64)
	err = c.ask(&Reply{}, []text{{"options_json", optionsJSON}}, func(t []*byte) unsafe.Pointer {
		return c.library.ClientWith(c.handle, t[0], handle)
	})
	if err != nil {
		return nil, err
	}
	return (&Client{&state{library: c.library}}).of(*handle), nil
}

// WithContext derives a client whose calls end with ctx, in half a second at most and with
// ErrCancelled. Close it when they are over.
func (c *Client) WithContext(ctx context.Context) (*Client, error) {
	derived, err := c.With(Options{})
	if err != nil || ctx.Done() == nil {
		return derived, err
	}
	// It holds no client, so that a lost one can be closed.
	library, handle, closed := derived.library, derived.handle, derived.closed
	go func() {
		select {
		case <-ctx.Done():
			library.ClientCancel(handle)
		case <-closed:
		}
	}()
	return derived, nil
}

// Cancel ends every call of the client and of those derived from it, and each later one, with
// ErrCancelled, in half a second at most.
func (c *Client) Cancel() {
	if c.opened() {
		c.library.ClientCancel(c.handle)
		runtime.KeepAlive(c.state)
	}
}

// Close closes the client. Calls in other goroutines go on to their end, later ones fail with
// ErrHandle. Closing it again does nothing. The error is always nil.
func (c *Client) Close() error {
	if c.opened() {
		runtime.SetFinalizer(c.state, nil)
		c.state.close()
	}
	return nil
}

func (s *state) close() {
	s.closing.Do(func() {
		close(s.closed)
		s.library.ClientClose(s.handle)
	})
}

// LibraryVersion is the version of the library that is loaded, such as "0.1.0".
func LibraryVersion() (string, error) {
	library, err := load()
	if err != nil {
		return "", err
	}
	return string(copied(library.Version())), nil
}

func (c *Client) opened() bool {
	return c != nil && c.state != nil
}

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

// ask makes a call of C's: strings in, a reply out, which is decoded into what is wanted.
func (c *Client) ask(wanted result, given []text, call func(t []*byte) unsafe.Pointer) error {
	if !c.opened() {
		return failed(ErrHandle, "QCOS_ERR_HANDLE", "handle", "the client was never opened")
	}
	pointers, err := terminated(given)
	if err != nil {
		return err
	}
	address := call(pointers)
	answer := copied(address)
	c.library.StringFree(address)
	// Not closed as lost before the call is over.
	runtime.KeepAlive(c.state)
	return decode(answer, wanted)
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

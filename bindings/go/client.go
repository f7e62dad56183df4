// Package qcos calls libqcos, a client of Tencent Cloud Object Storage (COS).
//
// A method is called what the function of qcos.h is, and takes its parameters in the same order; the
// header is the manual of each. What may wait for the service takes a context first: when that is done,
// the call ends within half a second, and its error wraps the context's. What fails gives an *Error, or
// an error that wraps one.
//
// The library is linked with cgo. Without cgo, or with the build tag qcos_pure, it is loaded when
// the first client is opened, and no C compiler is needed.
package qcos

import (
	"runtime"
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

// state is what all copies of a client share.
type state struct {
	*handle
	renewal *renewal
	tracing *tracing
}

// A handle is closed with the last copy of its client that is lost. It refers to nothing that may refer
// to the client, as a callback for credentials or events does: the collector would not close what is in a circle.
type handle struct {
	library *library
	number  uint64
	closing sync.Once
}

// Open makes a client; nothing is sent. It fails when there is no library, or one that does not fit
// this package, and with ErrParams when a parameter or option is wrong. With Options.Credentials,
// secretID and secretKey are "".
func Open(appid, secretID, secretKey string, options Options) (*Client, error) {
	library, err := load()
	if err != nil {
		return nil, err
	}
	optionsJSON, err := asJSON(options)
	if err != nil {
		return nil, err
	}
	id, key := text{"secret_id", secretID}, text{"secret_key", secretKey}
	if options.Credentials != "" {
		id, key = orNull(id.parameter, secretID), orNull(key.parameter, secretKey)
	}
	given, number := []text{{"appid", appid}, id, key, {"options_json", optionsJSON}}, new(uint64)
	err = library.reply(&Reply{}, given, func(t []*byte) unsafe.Pointer {
		return library.ClientOpen(t[0], t[1], t[2], t[3], number)
	})
	if err != nil {
		return nil, err
	}
	return newClient(library, *number, new(renewal), new(tracing)), nil
}

func newClient(library *library, number uint64, renewal *renewal, tracing *tracing) *Client {
	opened := &handle{library: library, number: number}
	// For a client that is lost without having been closed.
	runtime.SetFinalizer(opened, (*handle).close)
	return &Client{&state{opened, renewal, tracing}}
}

// With derives a client: another handle on the same account and connections, with limits of its own. Of
// the options only those that qcos_client_with names may be set; what is left out is as c has it.
func (c *Client) With(options Options) (*Client, error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return nil, err
	}
	number, err := c.derive(text{"options_json", optionsJSON})
	if err != nil {
		return nil, err
	}
	return newClient(c.library, number, c.renewal, &tracing{origin: c.tracing}), nil
}

// derive makes another handle.
func (c *Client) derive(options text) (uint64, error) {
	number := new(uint64)
	err := c.local([]text{options}, func(t []*byte) unsafe.Pointer {
		return c.library.ClientWith(c.number, t[0], number)
	})
	return *number, err
}

// Cancel ends every call of the client and of those derived from it, and each later one, with
// ErrCancelled, in half a second at most.
func (c *Client) Cancel() {
	if c.opened() {
		c.library.ClientCancel(c.number)
		runtime.KeepAlive(c.handle)
	}
}

// Close closes the client. Calls in other goroutines go on to their end, later ones fail with
// ErrHandle. Closing it again does nothing. The error is always nil.
func (c *Client) Close() error {
	if c.opened() {
		runtime.SetFinalizer(c.handle, nil)
		c.handle.close()
	}
	return nil
}

func (h *handle) close() {
	h.closing.Do(func() { h.library.ClientClose(h.number) })
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

package qcos

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Credentials are what requests are signed with. Printed or as JSON, they do not tell the secrets.
type Credentials struct {
	SecretID  string
	SecretKey string `json:"-"`
	// SecurityToken is that of temporary credentials, "" for others. XML API.
	SecurityToken string `json:"-"`
	// ExpiresAt is the zero Time for never.
	ExpiresAt time.Time
}

// Format writes the SecretID and ExpiresAt.
func (c Credentials) Format(state fmt.State, _ rune) {
	fmt.Fprintf(state, "{SecretID:%q", c.SecretID)
	if !c.ExpiresAt.IsZero() {
		fmt.Fprintf(state, " ExpiresAt:%s", c.ExpiresAt.Format(time.RFC3339))
	}
	_, _ = io.WriteString(state, "}")
}

// A renewal is what clients have in common that share their credentials: who brings new ones.
type renewal struct {
	setting  sync.Mutex
	callback atomic.Pointer[func(context.Context) (Credentials, error)]
}

// SetCredentials changes the credentials of the client and of all that share them, from the next signature
// on. A client derived by With shares those of the one that it was derived from.
func (c *Client) SetCredentials(credentials Credentials) error {
	return c.local(credentials.given(), func(t []*byte) unsafe.Pointer {
		return c.library.ClientSetCredentials(c.number, t[0], t[1], t[2], credentials.ends())
	})
}

func (c Credentials) given() []text {
	return []text{
		{"secret_id", c.SecretID}, {"secret_key", c.SecretKey}, orNull("security_token", c.SecurityToken),
	}
}

// ends is ExpiresAt as the header has it.
func (c Credentials) ends() int64 {
	if c.ExpiresAt.IsZero() {
		return 0
	}
	return c.ExpiresAt.Unix()
}

// OnExpiry has a callback bring new credentials, for the client and all that share them, before the old ones
// end and when the service calls them ended; nil for none any more. One call at a time asks for them, and the
// callback gets that call's context. Without an error they are used; zero Credentials leave the old ones.
// An error cancels the call, and is what the call's Error wraps.
//
// The callback runs like any other while its call waits. It may use these clients with the context that it was
// given: such calls are signed with the old credentials. With another context they could wait for the callback.
// It is kept as long as one of the clients is, and may still be running when another has taken its place.
func (c *Client) OnExpiry(callback func(ctx context.Context) (Credentials, error)) error {
	if !c.opened() {
		return c.local(nil, nil)
	}
	c.renewal.setting.Lock()
	defer c.renewal.setting.Unlock()
	before, function := c.renewal.callback.Load(), uintptr(0)
	if callback != nil {
		// It is there when C first asks for it.
		c.renewal.callback.Store(&callback)
		function = c.library.expiryCallback
	}
	err := c.local(nil, func([]*byte) unsafe.Pointer {
		return c.library.ClientOnExpiry(c.number, function, 0)
	})
	switch {
	case err != nil:
		c.renewal.callback.Store(before)
	case callback == nil:
		c.renewal.callback.Store(nil)
	}
	return err
}

// renew has the callback bring credentials, and sets them with the call's own handle: its client may be closed.
func (k *call) renew(callback func(context.Context) (Credentials, error), turn *turn) error {
	credentials, err := callback(context.WithValue(k.ctx, turnKey{k.renewal}, turn))
	if err != nil || credentials == (Credentials{}) {
		return err
	}
	return k.library.reply(&Reply{}, credentials.given(), func(t []*byte) unsafe.Pointer {
		return k.library.ClientSetCredentials(k.handle, t[0], t[1], t[2], credentials.ends())
	})
}

// A turn is one time that a callback is asked for credentials. C knows by the thread which calls are made
// within it, and has all others wait: so those with the callback's context are made on that thread.
type turn struct {
	work chan func()
	over chan struct{}
}

func newTurn() *turn {
	return &turn{work: make(chan func()), over: make(chan struct{})}
}

// turnKey is what a turn of theirs stands under in its context.
type turnKey struct {
	*renewal
}

// within does it on the thread of the turn that the context is of.
func (r *renewal) within(ctx context.Context, do func()) {
	turn, within := ctx.Value(turnKey{r}).(*turn)
	if !within {
		do()
		return
	}
	done := make(chan struct{})
	select {
	case turn.work <- func() { defer close(done); do() }:
		<-done
	case <-turn.over:
		do()
	}
}

package qcos

import (
	"encoding/json"
	"fmt"
	"io/fs"
)

// A Code is why a call failed: one of those below, or the service's own. It can be asked for with
// errors.Is.
type Code int64

// The library's own codes; qcos.h says what each means.
const (
	ErrLocalFile Code = -1
	ErrNetwork   Code = -2
	ErrParams    Code = -3
	ErrSliceSize Code = -4
	ErrCancelled Code = -5
	ErrIntegrity Code = -6
	ErrHandle    Code = -7
	ErrInternal  Code = -8
)

func (c Code) Error() string {
	return fmt.Sprintf("qcos: code %d", int64(c))
}

// Is lets errors.Is ask for what io/fs calls them: a file, folder or bucket is fs.ErrNotExist or
// fs.ErrExist, and what the credentials may not do is fs.ErrPermission. A wrong key is neither, nor is
// anything about a local file.
func (c Code) Is(target error) bool {
	switch c {
	case -133, -166, -197, -6101:
		return target == fs.ErrNotExist
	case -176, -177, -178, -4018:
		return target == fs.ErrExist
	case -289:
		return target == fs.ErrPermission
	}
	return false
}

// An Error is the reply to a call that failed.
type Error struct {
	Code Code
	// Name is "SERVICE" or the library's own, such as "QCOS_ERR_NETWORK".
	Name string
	// Kind is such as "timeout", "parameter", "cancelled" or "service"; qcos.h lists them.
	Kind string
	// Message is for people.
	Message string
	// HTTPCode is 0 when there was no HTTP reply.
	HTTPCode int
	// Retryable says that the same call may succeed later.
	Retryable bool
	// Attempts are the requests that the failing step made.
	Attempts int
	// RequestID is the service's number for the request; with ServiceCode and TraceID where it gives them.
	RequestID   string
	ServiceCode string
	TraceID     string
	// Session and Offset let UploadSlice go on with an upload.
	Session string
	Offset  int64
	// Data is what the call brought all the same.
	Data json.RawMessage

	cause error
}

func (e *Error) Error() string {
	said := fmt.Sprintf("qcos: %s (%d): %s", e.Name, int64(e.Code), e.Message)
	if e.cause != nil {
		said += ": " + e.cause.Error()
	}
	return said
}

// Unwrap is why the call was cancelled: the error of its context or of its callback.
func (e *Error) Unwrap() error {
	return e.cause
}

// Is lets errors.Is ask for a Code, and what a Code is.
func (e *Error) Is(target error) bool {
	return target == e.Code || e.Code.Is(target)
}

// failed is an error that is found before C is called.
func failed(code Code, name, kind, message string) *Error {
	return &Error{Code: code, Name: name, Kind: kind, Message: message, Data: json.RawMessage("{}")}
}

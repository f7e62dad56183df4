//go:build !cgo || qcos_pure

package qcos

import (
	"fmt"
	"strings"
	"syscall"
	"unsafe"

	"github.com/ebitengine/purego"
)

func openLibrary(path string) (uintptr, error) {
	handle, err := syscall.LoadLibrary(path)
	if err != nil {
		// The system's message does not say which.
		return 0, fmt.Errorf("%s: %s", path, strings.TrimSuffix(err.Error(), "."))
	}
	return uintptr(handle), nil
}

func findFunction(library uintptr, name string) (uintptr, error) {
	return syscall.GetProcAddress(syscall.Handle(library), name)
}

// makeCallbacks makes the functions that C calls. Here each returns a whole register, of which C reads its part.
func (l *library) makeCallbacks() {
	l.progressCallback = purego.NewCallback(func(done, total uint64, call uintptr) uintptr {
		return uintptr(progressed(done, total, call))
	})
	l.pageCallback = purego.NewCallback(func(page unsafe.Pointer, call uintptr) uintptr {
		return uintptr(paged(page, call))
	})
	l.readCallback = purego.NewCallback(func(buffer unsafe.Pointer, size, call uintptr) uintptr {
		return uintptr(filled(buffer, size, call))
	})
	l.writeCallback = purego.NewCallback(func(data unsafe.Pointer, length, call uintptr) uintptr {
		return uintptr(written(data, length, call))
	})
	l.expiryCallback = purego.NewCallback(func(client uint64, call uintptr) uintptr {
		return uintptr(expiring(client, call))
	})
	l.traceCallback = purego.NewCallback(func(event unsafe.Pointer, call uintptr) uintptr {
		return uintptr(traced(event, call))
	})
}

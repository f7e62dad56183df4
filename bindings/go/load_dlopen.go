//go:build (!cgo || qcos_pure) && !windows

package qcos

import "github.com/ebitengine/purego"

func openLibrary(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func findFunction(library uintptr, name string) (uintptr, error) {
	return purego.Dlsym(library, name)
}

// makeCallbacks makes the functions that C calls.
func (l *library) makeCallbacks() {
	l.progressCallback = purego.NewCallback(progressed)
	l.pageCallback = purego.NewCallback(paged)
	l.readCallback = purego.NewCallback(filled)
	l.writeCallback = purego.NewCallback(written)
	l.expiryCallback = purego.NewCallback(expiring)
	l.traceCallback = purego.NewCallback(traced)
}

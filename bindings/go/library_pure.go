//go:build !cgo || qcos_pure

package qcos

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"

	"github.com/ebitengine/purego"
)

// names are what the library is called beside a program, and by the system.
func names() (beside, soname string) {
	switch runtime.GOOS {
	case "darwin":
		return "libqcos.dylib", "libqcos.0.dylib"
	case "windows":
		return "qcos.dll", "qcos.dll"
	}
	return "libqcos.so", "libqcos.so.0"
}

var loaded struct {
	sync.Mutex
	library *library
}

// load is the library, loaded by the first call that succeeds.
func load() (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.library == nil {
		found, err := loadFrom(place())
		if err != nil {
			return nil, err
		}
		found.makeCallbacks()
		loaded.library = found
	}
	return loaded.library, nil
}

// place is what $QCOS_LIBRARY says, or a library beside the program, or the system's.
func place() string {
	if path := os.Getenv("QCOS_LIBRARY"); path != "" {
		return path
	}
	beside, soname := names()
	if program, err := os.Executable(); err == nil {
		path := filepath.Join(filepath.Dir(program), beside)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return soname
}

func loadFrom(path string) (*library, error) {
	// What went wrong is asked of the same thread afterwards.
	runtime.LockOSThread()
	handle, err := openLibrary(path)
	runtime.UnlockOSThread()
	if err != nil {
		advice := "Set QCOS_LIBRARY to its path"
		if _, missing := os.Stat(path); missing == nil {
			// The system may call a library for another processor one that does not exist.
			advice = fmt.Sprintf("%s exists: is it for another platform than %s on %s?", path, runtime.GOOS, runtime.GOARCH)
		}
		return nil, fmt.Errorf("qcos: libqcos cannot be loaded: %w. %s", err, advice)
	}
	found := new(library)
	number, err := findFunction(handle, symbol("VersionNumber"))
	if err != nil {
		return nil, fmt.Errorf("qcos: %s is not libqcos, which qcos %s for Go needs", path, Version)
	}
	purego.RegisterFunc(&found.VersionNumber, number)
	if err := fits(found.VersionNumber(), path); err != nil {
		return nil, err
	}
	functions := reflect.ValueOf(found).Elem()
	for i := 0; i < functions.NumField(); i++ {
		if functions.Field(i).Kind() != reflect.Func {
			continue
		}
		name := symbol(functions.Type().Field(i).Name)
		address, err := findFunction(handle, name)
		if err != nil {
			return nil, fmt.Errorf("qcos: libqcos (%s) is too old for qcos %s for Go: it has no %s", path, Version, name)
		}
		purego.RegisterFunc(functions.Field(i).Addr().Interface(), address)
	}
	return found, nil
}

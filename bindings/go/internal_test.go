package qcos

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"
)

// RepositoryFile is a file of the source tree that this package comes from.
func RepositoryFile(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("QCOS_REPOSITORY")
	if root == "" {
		root = "../.."
	}
	text, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What Go has instead of a function of its own: JSON.
var elsewhere = map[string]bool{
	"qcos_reply_code": true, "qcos_reply_get": true, "qcos_reply_each": true,
}

func TestEveryFunctionHasItsMethod(t *testing.T) {
	methods := map[string]bool{
		"qcos_client_open": true, "qcos_client_close": true, "qcos_string_free": true,
		// With, Cancel, SetCredentials, OnExpiry and Trace.
		"qcos_client_with": true, "qcos_client_cancel": true, "qcos_client_set_credentials": true, "qcos_client_on_expiry": true,
		"qcos_client_trace": true,
		"qcos_version":      true, "qcos_version_number": true,
	}
	client := reflect.TypeOf(new(Client))
	for i := 0; i < client.NumMethod(); i++ {
		methods[symbol(client.Method(i).Name)] = true
	}
	exports := strings.Fields(RepositoryFile(t, "tests/exports.txt"))
	if len(exports) < 35 {
		t.Fatal(exports)
	}
	for _, name := range exports {
		if !methods[name] && !elsewhere[name] {
			t.Error("no method for", name)
		}
	}
}

// kinds are how the types of qcos.h are passed.
var kinds = map[string]reflect.Kind{
	"const char *": reflect.Ptr, "const void *": reflect.Ptr, "qcos_client *": reflect.Ptr,
	"qcos_client": reflect.Uint64, "size_t": reflect.Uintptr, "int32_t": reflect.Int32, "int64_t": reflect.Int64,
	"uint64_t": reflect.Uint64, "uint32_t": reflect.Uint32, "void *": reflect.Uintptr,
	"qcos_item_fn": reflect.Uintptr, "qcos_credentials_fn": reflect.Uintptr, "qcos_trace_fn": reflect.Uintptr, "qcos_progress_fn": reflect.Uintptr, "qcos_page_fn": reflect.Uintptr, "char *": reflect.UnsafePointer,
	"qcos_read_fn": reflect.Uintptr, "qcos_write_fn": reflect.Uintptr,
}

func TestTheHeaderSaysTheSame(t *testing.T) {
	header := regexp.MustCompile(`(?s)/\*.*?\*/|//[^\n]*|#[^\n]*|\bQCOS_API\b`).ReplaceAllString(RepositoryFile(t, "include/qcos.h"), "")
	declared := map[string][]reflect.Kind{}
	last := regexp.MustCompile(`\w+$`)
	for _, found := range regexp.MustCompile(`([\w ]+[ *])(qcos_\w+)\(([^)]*)\);`).FindAllStringSubmatch(header, -1) {
		var types []reflect.Kind
		if result := strings.TrimSpace(found[1]); result == "const char *" {
			types = append(types, reflect.UnsafePointer)
		} else {
			types = append(types, kinds[result])
		}
		for _, parameter := range strings.Split(found[3], ",") {
			words := strings.Join(strings.Fields(parameter), " ")
			if words == "void" {
				continue
			}
			kind := kinds[strings.TrimSpace(last.ReplaceAllString(words, ""))]
			switch {
			case found[2] == "qcos_string_free":
				// What came back goes back.
				kind = reflect.UnsafePointer
			case words == "void *buffer":
				// Not a user_data.
				kind = reflect.Ptr
			}
			if kind == reflect.Invalid {
				t.Fatal("what is", words)
			}
			types = append(types, kind)
		}
		declared[found[2]] = types
	}
	if len(declared) != len(strings.Fields(RepositoryFile(t, "tests/exports.txt"))) {
		t.Fatal(declared)
	}
	found, err := load()
	if err != nil {
		t.Fatal(err)
	}
	functions := reflect.ValueOf(found).Elem()
	for i := 0; i < functions.NumField(); i++ {
		field := functions.Field(i)
		if field.Kind() != reflect.Func {
			continue
		}
		name := symbol(functions.Type().Field(i).Name)
		if field.IsNil() {
			t.Error("no", name)
		}
		types := []reflect.Kind{reflect.Invalid}
		if field.Type().NumOut() == 1 {
			types[0] = field.Type().Out(0).Kind()
		}
		for n := 0; n < field.Type().NumIn(); n++ {
			types = append(types, field.Type().In(n).Kind())
		}
		if !reflect.DeepEqual(types, declared[name]) {
			t.Errorf("%s: %v, in qcos.h %v", name, types, declared[name])
		}
		delete(declared, name)
	}
	for name := range declared {
		if !elsewhere[name] {
			t.Error("not called:", name)
		}
	}
}

func TestTheHeadersVersionIsAsked(t *testing.T) {
	numbers := strings.Split(Version, ".")
	wanted := "#if QCOS_VERSION_MAJOR != " + numbers[0]
	if numbers[0] == "0" {
		wanted += " || QCOS_VERSION_MINOR != " + numbers[1]
	}
	text, err := os.ReadFile("library_cgo.go")
	if err != nil || !strings.Contains(string(text), wanted+"\n") {
		t.Fatal(wanted, err)
	}
}

func TestVersionsThatFit(t *testing.T) {
	for number, good := range map[uint32]bool{1 << 8: true, 1<<8 | 9: true, 2 << 8: false, 0: false, 1<<16 | 1<<8: false} {
		if err := fits(number, "here"); (err == nil) != good {
			t.Error(number, err)
		}
	}
}

// signer sends nothing.
func signer(t *testing.T) *Client {
	t.Helper()
	client, err := Open("1", "id", "key", Options{})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func resident(t *testing.T) int {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there is no /proc")
	}
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestRepliesAreFreed(t *testing.T) {
	client := signer(t)
	defer client.Close()
	// A reply of 3 KiB each time.
	fileid := "/1/bucket/" + strings.Repeat("x", 2000)
	sign := func(count int) {
		for i := 0; i < count; i++ {
			if _, err := client.SignOnce(context.Background(), "bucket", fileid); err != nil {
				t.Fatal(err)
			}
		}
	}
	sign(1000)
	before := resident(t)
	// 15 MiB, if they were not.
	sign(5000)
	if grown := resident(t) - before; grown > 8<<20 {
		t.Fatal(grown)
	}
}

func TestCallbacksAreForgotten(t *testing.T) {
	client := signer(t)
	defer client.Close()
	for i := 0; i < 5000; i++ {
		_, err := client.Upload(context.Background(), "/none", "bucket", "x", "", func(done, total int64) error { return nil })
		if !errors.Is(err, ErrLocalFile) {
			t.Fatal(err)
		}
	}
	calls.Range(func(number, _ interface{}) bool {
		t.Error("left:", number)
		return true
	})
}

// The call comes back, and only then does its goroutine end as the callback has.
func TestNothingGoesUpThroughC(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(){
		"panic":  func() { panic("of mine") },
		"Goexit": runtime.Goexit,
	} {
		client, err := Open("1", "id", "key", Options{Endpoint: "http://127.0.0.1:1"})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close()
		watched, called, freed := *client.library, 0, 0
		watched.StringFree = func(text unsafe.Pointer) {
			freed++
			client.library.StringFree(text)
		}
		ended := make(chan interface{})
		go func() {
			defer func() { ended <- recover() }()
			calling := newClient(&watched, client.number, client.renewal, client.tracing)
			_, err := calling.Upload(context.Background(), file, "bucket", "x", "", func(done, total int64) error {
				called++
				end()
				return nil
			})
			t.Error("it has returned", err)
		}()
		value := <-ended
		// One reply is that of the handle for the call.
		if called != 1 || freed != 2 || (value == "of mine") != (name == "panic") {
			t.Error(name, called, freed, value)
		}
	}
}

func TestALostClientIsClosed(t *testing.T) {
	other := signer(t)
	defer other.Close()
	func() { other.number = signer(t).number }()
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := other.SignOnce(context.Background(), "bucket", "/1/bucket/x")
		if errors.Is(err, ErrHandle) {
			return
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatal("it is open still", err)
		}
		runtime.GC()
	}
}

// Also one that its own callback refers to.
func TestALostClientWithCallbacksIsClosed(t *testing.T) {
	other, forgotten := signer(t), make(chan struct{}, 2)
	defer other.Close()
	func() {
		lost := signer(t)
		other.number = lost.number
		held := new([64]byte)
		runtime.SetFinalizer(held, func(*[64]byte) { forgotten <- struct{}{} })
		err := lost.OnExpiry(func(context.Context) (Credentials, error) {
			held[0]++
			return Credentials{}, lost.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
		traced := new([64]byte)
		runtime.SetFinalizer(traced, func(*[64]byte) { forgotten <- struct{}{} })
		err = lost.Trace(func(context.Context, TraceEvent) error {
			traced[0]++
			return lost.Close()
		})
		if err != nil {
			t.Fatal(err)
		}
	}()
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := other.SignOnce(context.Background(), "bucket", "/1/bucket/x")
		if errors.Is(err, ErrHandle) {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatal("it is open still", err)
		}
		runtime.GC()
	}
	for len(forgotten) < 2 {
		if time.Now().After(deadline) {
			t.Fatal("its callbacks are kept", len(forgotten))
		}
		runtime.GC()
	}
}

// One that was taken back, or whose place another has taken, is kept by nobody.
func TestCallbacksForCredentialsAreForgotten(t *testing.T) {
	client := signer(t)
	defer client.Close()
	forgotten := make(chan struct{}, 2)
	set := func() {
		held := new([64]byte)
		runtime.SetFinalizer(held, func(*[64]byte) { forgotten <- struct{}{} })
		err := client.OnExpiry(func(context.Context) (Credentials, error) {
			held[0]++
			return Credentials{}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set()
	set()
	if err := client.OnExpiry(nil); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for len(forgotten) < 2 {
		if time.Now().After(deadline) {
			t.Fatal(len(forgotten))
		}
		runtime.GC()
	}
}

func TestACopyIsTheSameClient(t *testing.T) {
	var kept Client
	func() { kept = *signer(t) }()
	// What is lost is the pointer to the first one, not the client.
	for i := 0; i < 5; i++ {
		runtime.GC()
		if _, err := kept.SignOnce(context.Background(), "bucket", "/1/bucket/x"); err != nil {
			t.Fatal(err)
		}
	}
	other := kept
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	for _, closed := range []*Client{&kept, &other} {
		if _, err := closed.SignOnce(context.Background(), "bucket", "/1/bucket/x"); !errors.Is(err, ErrHandle) {
			t.Error(err)
		}
		_ = closed.Close()
	}
	if _, err := new(Client).SignOnce(context.Background(), "bucket", "/1/bucket/x"); !errors.Is(err, ErrHandle) {
		t.Error(err)
	}
}

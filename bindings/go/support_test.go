package qcos_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

const (
	bucket = "gotests"
	mib    = 1 << 20
)

// What nothing ends.
var ctx = context.Background()

// The account and the service of the environment.
var (
	appid, secretID, secretKey = os.Getenv("QCOS_APPID"), os.Getenv("QCOS_SECRET_ID"), os.Getenv("QCOS_SECRET_KEY")
	environment                qcos.Options
)

func TestMain(m *testing.M) {
	if os.Getenv("QCOS_TEST_OPEN") != "" {
		_, err := qcos.Open("1", "id", "key", qcos.Options{})
		fmt.Println(err)
		return
	}
	var err error
	if environment, err = qcos.ParseOptions(os.Getenv("QCOS_OPTIONS")); err != nil || appid == "" {
		fmt.Fprintln(os.Stderr, "QCOS_APPID, QCOS_SECRET_ID, QCOS_SECRET_KEY and QCOS_OPTIONS must name an emulator", err)
		os.Exit(2)
	}
	os.Exit(m.Run())
}

func xml() bool {
	return environment.Region != ""
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// open is a client with these options changed, closed when the test is over.
func open(t *testing.T, change func(options *qcos.Options)) *qcos.Client {
	t.Helper()
	options := environment
	if change != nil {
		change(&options)
	}
	client, err := qcos.Open(appid, secretID, secretKey, options)
	check(t, err)
	t.Cleanup(func() { client.Close() })
	return client
}

// failure is the error of a call that must have failed so.
func failure(t *testing.T, err error, wanted error) *qcos.Error {
	t.Helper()
	var failed *qcos.Error
	if !errors.Is(err, wanted) || !errors.As(err, &failed) {
		t.Fatalf("%v, not %v", err, wanted)
	}
	return failed
}

func noise(t *testing.T, size int) []byte {
	t.Helper()
	bytes := make([]byte, size)
	_, err := rand.Read(bytes)
	check(t, err)
	return bytes
}

// somewhere is a folder in the bucket that nobody else uses.
func somewhere(t *testing.T) string {
	return hex.EncodeToString(noise(t, 8))
}

// file has new content each time: what the service has already, the JSON API does not want again.
func file(t *testing.T, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file")
	check(t, os.WriteFile(path, noise(t, size), 0o600))
	return path
}

// stallingProxy passes bytes on to the service, and none any more once limit have passed: then it
// calls then.
type stallingProxy struct {
	endpoint string
	service  string
	then     func()

	mutex sync.Mutex
	left  int
}

func stalling(t *testing.T, limit int, then func()) *stallingProxy {
	t.Helper()
	service, err := url.Parse(environment.Endpoint)
	check(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { listener.Close() })
	proxy := &stallingProxy{endpoint: "http://" + listener.Addr().String(), service: service.Host, then: then, left: limit}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go proxy.connect(client)
		}
	}()
	return proxy
}

func (p *stallingProxy) connect(client net.Conn) {
	service, err := net.Dial("tcp", p.service)
	if err != nil {
		client.Close()
		return
	}
	go p.pass(client, service)
	go p.pass(service, client)
}

func (p *stallingProxy) pass(from, to net.Conn) {
	buffer := make([]byte, 65536)
	for {
		length, err := from.Read(buffer)
		if err != nil {
			from.Close()
			to.Close()
			return
		}
		if p.goesOn(length) {
			_, _ = to.Write(buffer[:length])
		}
	}
}

func (p *stallingProxy) goesOn(length int) bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.left > 0 && p.left <= length {
		p.then()
	}
	p.left -= length
	return p.left > 0
}

// notOnWindows is for tests that need what POSIX alone has: a C compiler called cc, /proc, names of any bytes.
func notOnWindows(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("for POSIX")
	}
}

// compiled is a folder with a libqcos.so of this C code.
func compiled(t *testing.T, code string) string {
	t.Helper()
	notOnWindows(t)
	folder := t.TempDir()
	library := filepath.Join(folder, "libqcos.so")
	cc := exec.Command("cc", "-shared", "-fPIC", "-Wl,-soname,libqcos.so.0", "-o", library, "-xc", "-")
	cc.Stdin = strings.NewReader(code)
	if said, err := cc.CombinedOutput(); err != nil {
		t.Fatalf("cc: %v: %s", err, said)
	}
	check(t, os.Symlink("libqcos.so", library+".0"))
	return folder
}

// opened is what Open says in a program with the library of this folder.
func opened(t *testing.T, program, folder string, variables ...string) string {
	t.Helper()
	run := exec.Command(program)
	run.Env = append(os.Environ(), "QCOS_TEST_OPEN=1", "LD_LIBRARY_PATH="+folder)
	run.Env = append(run.Env, variables...)
	said, err := run.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return string(said)
}

var _ io.Closer = (*qcos.Client)(nil)

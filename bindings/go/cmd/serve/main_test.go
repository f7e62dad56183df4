package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

const (
	bucket = "serve"
	mib    = 1 << 20
)

// open is a client of the environment's service, or of another one.
func open(t *testing.T, endpoint string) *qcos.Client {
	t.Helper()
	options, err := qcos.ParseOptions(os.Getenv("QCOS_OPTIONS"))
	check(t, err)
	if endpoint != "" {
		options.Endpoint = endpoint
	}
	client, err := qcos.Open(os.Getenv("QCOS_APPID"), os.Getenv("QCOS_SECRET_ID"), os.Getenv("QCOS_SECRET_KEY"), options)
	check(t, err)
	t.Cleanup(func() { client.Close() })
	return client
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func noise(t *testing.T, size int) []byte {
	t.Helper()
	bytes := make([]byte, size)
	_, err := rand.Read(bytes)
	check(t, err)
	return bytes
}

// A site is the server at a URL, in a folder that nobody else uses.
type site struct {
	*testing.T
	url string
	// handled gets something when a request is over.
	handled chan struct{}
}

func serving(t *testing.T, client *qcos.Client) site {
	t.Helper()
	handled := make(chan struct{}, 1000)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { handled <- struct{}{} }()
		server{client, bucket}.ServeHTTP(w, r)
	}))
	t.Cleanup(service.Close)
	return site{t, service.URL + "/" + hex.EncodeToString(noise(t, 8)), handled}
}

// ask makes a request with these headers, given as "Name: value".
func (s site) ask(method, name string, body io.Reader, headers ...string) (*http.Response, []byte) {
	s.Helper()
	request, err := http.NewRequest(method, s.url+name, body)
	check(s.T, err)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	check(s.T, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	check(s.T, err)
	<-s.handled
	return response, content
}

func (s site) expect(status int, method, name string, body io.Reader, headers ...string) []byte {
	s.Helper()
	response, content := s.ask(method, name, body, headers...)
	if response.StatusCode != status {
		s.Fatalf("%s %s %v: %s, not %d: %s", method, name, headers, response.Status, status, content)
	}
	return content
}

// unsized hides how long it is.
type unsized struct{ io.Reader }

func TestFilesComeAndGo(t *testing.T) {
	site := serving(t, open(t, ""))
	for name, size := range map[string]int{"/empty": 0, "/small": 100, "/名 1.bin": 100_000, "/large": 9*mib + 1} {
		name, content := strings.ReplaceAll(name, " ", "%20"), noise(t, size)
		site.expect(404, "GET", name, nil)
		site.expect(404, "HEAD", name, nil)
		site.expect(404, "DELETE", name, nil)
		site.expect(201, "PUT", name, bytes.NewReader(content), "If-None-Match: *")
		site.expect(412, "PUT", name, bytes.NewReader(content), "If-None-Match: *")
		if got := site.expect(200, "GET", name, nil); !bytes.Equal(got, content) {
			t.Fatal(name, len(got))
		}
		content = noise(t, size+1)
		site.expect(204, "PUT", name, unsized{bytes.NewReader(content)})
		if got := site.expect(200, "GET", name, nil); !bytes.Equal(got, content) {
			t.Fatal(name, len(got))
		}
		response, _ := site.ask("HEAD", name, nil)
		if response.ContentLength != int64(size+1) || response.Header.Get("Last-Modified") == "" {
			t.Fatal(response)
		}
		site.expect(204, "DELETE", name, nil)
		site.expect(404, "GET", name, nil)
	}
	site.expect(405, "POST", "/small", nil)
	site.expect(400, "PUT", "/folder/", strings.NewReader("x"))
	// As curl sends it: the body comes when the server wants it.
	site.expect(204, "PUT", "/curl", strings.NewReader("hello"), "Expect: 100-continue")
}

func TestRanges(t *testing.T) {
	site, content := serving(t, open(t, "")), noise(t, 3*mib)
	site.expect(204, "PUT", "/file", bytes.NewReader(content))
	for header, wanted := range map[string][]byte{
		"bytes=0-0": content[:1], "bytes=5-1000004": content[5:1_000_005], "bytes=-7": content[3*mib-7:],
		"bytes=3145727-": content[3*mib-1:], "bytes=2000000-9999999": content[2_000_000:],
	} {
		response, got := site.ask("GET", "/file", nil, "Range: "+header)
		if response.StatusCode != 206 || !bytes.Equal(got, wanted) {
			t.Fatal(header, response.Status, len(got))
		}
		if told := response.Header.Get("Content-Range"); !strings.HasSuffix(told, "/3145728") {
			t.Fatal(told)
		}
	}
	site.expect(416, "GET", "/file", nil, "Range: bytes=3145728-")
	response, got := site.ask("GET", "/file", nil, "Range: bytes=0-9,20-29")
	if !strings.HasPrefix(response.Header.Get("Content-Type"), "multipart/byteranges") || !bytes.Contains(got, content[20:30]) {
		t.Fatal(response)
	}
}

func TestConditions(t *testing.T) {
	site := serving(t, open(t, ""))
	site.expect(204, "PUT", "/file", strings.NewReader("hello"))
	response, _ := site.ask("HEAD", "/file", nil)
	tag, modified := response.Header.Get("ETag"), response.Header.Get("Last-Modified")
	if len(tag) < 10 || tag[0] != '"' {
		t.Fatal(response.Header)
	}
	site.expect(304, "GET", "/file", nil, "If-None-Match: "+tag)
	site.expect(304, "GET", "/file", nil, "If-Modified-Since: "+modified)
	site.expect(200, "GET", "/file", nil, "If-Match: "+tag)
	site.expect(412, "GET", "/file", nil, `If-Match: "another"`)
	site.expect(206, "GET", "/file", nil, "Range: bytes=1-2", "If-Range: "+tag)
	site.expect(200, "GET", "/file", nil, "Range: bytes=1-2", `If-Range: "another"`)
}

// Who stops sending leaves no file.
func TestAClientGoesAwayWhileItUploads(t *testing.T) {
	site := serving(t, open(t, ""))
	for _, length := range []int64{20 * mib, -1} {
		body, pipe := io.Pipe()
		ctx, cancel := context.WithCancel(context.Background())
		request, err := http.NewRequestWithContext(ctx, "PUT", site.url+"/file", body)
		check(t, err)
		request.ContentLength = length
		go func() {
			_, _ = pipe.Write(noise(t, 10*mib))
			cancel()
			// The transport waits for its Read.
			_ = pipe.CloseWithError(ctx.Err())
		}()
		if response, err := http.DefaultClient.Do(request); !errors.Is(err, context.Canceled) {
			t.Fatal(response, err)
		}
		<-site.handled
		check(t, body.Close())
		site.expect(404, "GET", "/file", nil)
	}
}

// Who goes away while the service says nothing is not waited for.
func TestAClientGoesAwayWhileItWaits(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	connected, accepting := make(chan struct{}, 10), sync.WaitGroup{}
	accepting.Add(1)
	go func() {
		defer accepting.Done()
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			defer connection.Close()
			connected <- struct{}{}
		}
	}()
	defer accepting.Wait()
	defer listener.Close()
	site := serving(t, open(t, "http://"+listener.Addr().String()))
	for _, method := range []string{"GET", "HEAD", "DELETE", "PUT"} {
		ctx, cancel := context.WithCancel(context.Background())
		var body io.Reader
		if method == "PUT" {
			body = strings.NewReader("hello")
		}
		request, err := http.NewRequestWithContext(ctx, method, site.url+"/file", body)
		check(t, err)
		go func() {
			<-connected
			cancel()
		}()
		if _, err := http.DefaultClient.Do(request); !errors.Is(err, context.Canceled) {
			t.Fatal(method, err)
		}
		gone := time.Now()
		<-site.handled
		if took := time.Since(gone); took > 2*time.Second {
			t.Fatal(method, took)
		}
	}
}

// What fails when the status has been sent ends the connection, and is no shorter file.
func TestAServiceThatIsLostOnTheWay(t *testing.T) {
	if !strings.Contains(os.Getenv("QCOS_OPTIONS"), "region") {
		return
	}
	client := open(t, "")
	// More than connections hold.
	site, content := serving(t, client), noise(t, 40*mib)
	site.expect(204, "PUT", "/file", bytes.NewReader(content))
	response, err := http.Get(site.url + "/file")
	check(t, err)
	defer response.Body.Close()
	check(t, second(io.ReadFull(response.Body, make([]byte, 10))))
	// In the XML API a file that is replaced is not mixed with the new one.
	site.expect(204, "PUT", "/file", bytes.NewReader(noise(t, 40*mib)))
	got, err := io.ReadAll(response.Body)
	if err == nil || !bytes.HasPrefix(content[10:], got) {
		t.Fatal(len(got), err)
	}
}

func second[T any](_ T, err error) error {
	return err
}

func TestStatuses(t *testing.T) {
	for wanted, code := range map[int]qcos.Code{404: -166, 412: -177, 403: -289, 400: qcos.ErrParams, 502: qcos.ErrNetwork} {
		if got := status(fmt.Errorf("of a call: %w", &qcos.Error{Code: code})); got != wanted {
			t.Error(code, got, wanted)
		}
	}
}

func TestMain(m *testing.M) {
	if os.Getenv("QCOS_TEST_SERVE") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestTheProgram(t *testing.T) {
	program := exec.Command(os.Args[0], "127.0.0.1:0", bucket)
	program.Env = append(os.Environ(), "QCOS_TEST_SERVE=1")
	said, err := program.StdoutPipe()
	check(t, err)
	check(t, program.Start())
	url, err := bufio.NewReader(said).ReadString('\n')
	check(t, err)
	response, err := http.Get(strings.TrimSpace(url) + "/none/" + hex.EncodeToString(noise(t, 8)))
	check(t, err)
	defer response.Body.Close()
	if response.StatusCode != 404 {
		t.Fatal(response)
	}
	check(t, program.Process.Signal(os.Interrupt))
	check(t, program.Wait())
	if err := run("nowhere", bucket); err == nil {
		t.Fatal("there is no such address")
	}
}

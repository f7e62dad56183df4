// What the tests share: keys that are easily mangled, a plain HTTP client, and the SDK's errors.

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/tencentyun/cos-go-sdk-v5"
)

const mib = 1 << 20

var (
	ctx      = context.Background()
	emulator = os.Getenv("COS_URL")
	client   = open(emulator)
	plain    = http.Client{Transport: transport(emulator)}
	// What the SDK makes of a slash at a key's begin is its own affair: it is sent as %2F.
	names = []string{
		"plain", "a b", "a+b", "100%", "a%20b", "s*r", "t~e", "q'u\"o", "<&>;=@,!$()[]",
		"中文/腾讯(1)+~.txt", "d//e", "x//", "./dot/../dots", "?a=b&c#d", "//two slashes",
	}
)

func noise(length int, seed int64) []byte {
	content := make([]byte, length)
	rand.New(rand.NewSource(seed)).Read(content)
	return content
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, what string, got, wanted T) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s: got %v, wanted %v", what, got, wanted)
	}
}

func sameList(t *testing.T, what string, got, wanted []string) {
	t.Helper()
	same(t, what, strings.Join(got, "\n"), strings.Join(wanted, "\n"))
}

func put(t *testing.T, key string, content []byte) {
	t.Helper()
	_, err := client.Object.Put(ctx, key, bytes.NewReader(content), nil)
	ok(t, err)
}

func get(t *testing.T, key string, options *cos.ObjectGetOptions) ([]byte, http.Header) {
	t.Helper()
	reply, err := client.Object.Get(ctx, key, options)
	ok(t, err)
	defer reply.Body.Close()
	content, err := io.ReadAll(reply.Body)
	ok(t, err)
	return content, reply.Header
}

func stored(t *testing.T, key string, content []byte) {
	t.Helper()
	if got, _ := get(t, key, nil); !bytes.Equal(got, content) {
		t.Fatalf("%s differs", key)
	}
}

func listed(t *testing.T, prefix string) []string {
	t.Helper()
	found, err := keys(client, prefix, 1000)
	ok(t, err)
	return found
}

func refused(t *testing.T, err error, status int, code string) {
	t.Helper()
	var refusal *cos.ErrorResponse
	if !errors.As(err, &refusal) {
		t.Fatalf("not %s but %v", code, err)
	}
	same(t, refusal.Message, refusal.Code, code)
	same(t, code, refusal.Response.StatusCode, status)
	if refusal.Response.Header.Get("x-cos-request-id") == "" {
		t.Fatal("no request id")
	}
}

// What anybody gets who asks for a URL.
func fetch(t *testing.T, method, url string, body []byte) (int, []byte) {
	t.Helper()
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	ok(t, err)
	reply, err := plain.Do(request)
	ok(t, err)
	defer reply.Body.Close()
	content, err := io.ReadAll(reply.Body)
	ok(t, err)
	return reply.StatusCode, content
}

// How often the emulator was sent a part for a key.
func partsSent(t *testing.T, key string) int {
	t.Helper()
	_, body := fetch(t, "GET", emulator+"/_emulator/requests", nil)
	var log struct{ Requests []struct{ Op, Path string } }
	ok(t, json.Unmarshal(body, &log))
	count := 0
	for _, request := range log.Requests {
		if request.Op == "upload_part" && strings.TrimLeft(request.Path, "/") == key {
			count++
		}
	}
	return count
}

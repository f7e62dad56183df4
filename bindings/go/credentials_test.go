package qcos_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

var (
	good    = qcos.Credentials{SecretID: secretID, SecretKey: secretKey}
	revoked = qcos.Credentials{SecretID: "REVOKED", SecretKey: "key"}
)

const unknownID = qcos.Code(-79)

// giving gives these credentials, and counts how often.
func giving(credentials qcos.Credentials, times *atomic.Int32) func(context.Context) (qcos.Credentials, error) {
	return func(context.Context) (qcos.Credentials, error) {
		times.Add(1)
		return credentials, nil
	}
}

// needy is a client whose credentials the service does not know.
func needy(t *testing.T) *qcos.Client {
	t.Helper()
	client := open(t, nil)
	check(t, client.SetCredentials(revoked))
	return client
}

func list(ctx context.Context, client *qcos.Client) error {
	_, err := client.List(ctx, bucket, "", qcos.ListOptions{})
	return err
}

func TestCredentialsChange(t *testing.T) {
	client := open(t, nil)
	derived, err := client.With(qcos.Options{})
	check(t, err)
	defer derived.Close()
	check(t, client.SetCredentials(revoked))
	failure(t, list(ctx, derived), unknownID)
	check(t, derived.SetCredentials(qcos.Credentials{
		SecretID: secretID, SecretKey: secretKey, ExpiresAt: time.Now().Add(time.Hour),
	}))
	check(t, list(ctx, client))
	past := good
	past.ExpiresAt = time.Unix(1, 0)
	if said := failure(t, client.SetCredentials(past), qcos.ErrParams).Message; !strings.Contains(said, "expires_at") {
		t.Fatal(said)
	}
	check(t, list(ctx, client))
}

func TestCredentialsDoNotTellTheSecrets(t *testing.T) {
	secret := qcos.Credentials{
		SecretID: "id", SecretKey: "the key", SecurityToken: "the token", ExpiresAt: time.Unix(0, 0).UTC(),
	}
	text, err := json.Marshal(&secret)
	check(t, err)
	for _, said := range []string{
		fmt.Sprint(secret), fmt.Sprintf("%+v %#v %s %q %x", secret, &secret, secret, secret, secret), string(text),
	} {
		if strings.Contains(said, "the") || !strings.Contains(said, "id") || !strings.Contains(said, "1970") {
			t.Fatal(said)
		}
	}
}

func TestNewCredentialsAreAskedFor(t *testing.T) {
	client, path := open(t, nil), somewhere(t)+"/file"
	_, err := client.UploadBuffer(ctx, []byte("x"), bucket, path, "")
	check(t, err)
	derived, err := client.With(qcos.Options{})
	check(t, err)
	defer derived.Close()
	var times atomic.Int32
	check(t, client.OnExpiry(giving(good, &times)))
	for _, client := range []*qcos.Client{client, derived} {
		for _, call := range []func() error{
			func() error { return list(ctx, client) },
			func() error { return second(client.StatFile(ctx, bucket, path)) },
			func() error { return second(client.DownloadBuffer(ctx, bucket, path, 0, nil, qcos.Conditions{})) },
		} {
			times.Store(0)
			check(t, client.SetCredentials(revoked))
			check(t, call())
			check(t, call())
			same(t, times.Load(), int32(1))
		}
	}

	// Another takes its place, of the derived client as well.
	var others atomic.Int32
	check(t, derived.OnExpiry(giving(good, &others)))
	check(t, client.SetCredentials(revoked))
	check(t, list(ctx, client))
	same(t, []int32{times.Load(), others.Load()}, []int32{1, 1})
	check(t, client.OnExpiry(nil))
	check(t, client.SetCredentials(revoked))
	failure(t, list(ctx, derived), unknownID)
	same(t, []int32{times.Load(), others.Load()}, []int32{1, 1})
}

func TestNewCredentialsBeforeTheOldOnesEnd(t *testing.T) {
	client, ending := open(t, nil), good
	var times atomic.Int32
	check(t, client.OnExpiry(giving(good, &times)))
	// A tenth of this is left in less than a second.
	ending.ExpiresAt = time.Now().Add(2 * time.Second)
	check(t, client.SetCredentials(ending))
	for deadline := time.Now().Add(time.Minute); times.Load() == 0; {
		check(t, list(ctx, client))
		if time.Now().After(deadline) {
			t.Fatal("nobody asks")
		}
	}
	check(t, list(ctx, client))
	same(t, times.Load(), int32(1))
}

func TestATransferGoesOnWithNewCredentials(t *testing.T) {
	client, source, path := open(t, nil), file(t, 12*mib), somewhere(t)+"/file"
	var times atomic.Int32
	check(t, client.OnExpiry(giving(good, &times)))
	var once sync.Once
	_, err := client.UploadSlice(ctx, source, bucket, path, qcos.SliceOptions{SliceSize: mib}, func(done, total int64) (err error) {
		if done > 0 {
			once.Do(func() { err = client.SetCredentials(revoked) })
		}
		return err
	})
	check(t, err)
	same(t, times.Load(), int32(1))
	sameContent(t, client, path, source)
}

func TestACallbackThatBringsNoCredentials(t *testing.T) {
	for name, bring := range map[string]struct {
		credentials qcos.Credentials
		err, wanted error
	}{
		"an error": {good, errMine, errMine},
		// The service is asked once more with the old ones.
		"none":        {qcos.Credentials{}, nil, unknownID},
		"no key":      {qcos.Credentials{SecretID: secretID}, nil, qcos.ErrParams},
		"expired":     {qcos.Credentials{SecretID: "a", SecretKey: "b", ExpiresAt: time.Unix(1, 0)}, nil, qcos.ErrParams},
		"a NUL":       {qcos.Credentials{SecretID: "a", SecretKey: "\x00"}, nil, qcos.ErrParams},
		"unknown too": {qcos.Credentials{SecretID: "REVOKED2", SecretKey: "b"}, nil, unknownID},
	} {
		client, called := needy(t), 0
		check(t, client.OnExpiry(func(context.Context) (qcos.Credentials, error) {
			called++
			return bring.credentials, bring.err
		}))
		err := list(ctx, client)
		failed := failure(t, err, bring.wanted)
		same(t, []interface{}{name, called}, []interface{}{name, 1})
		same(t, failed.Code == qcos.ErrCancelled, bring.wanted != unknownID)
	}
}

func TestACallbackForCredentialsEndsWithItsCall(t *testing.T) {
	client := needy(t)
	called, key := make(chan struct{}), new(int)
	check(t, client.OnExpiry(func(ctx context.Context) (qcos.Credentials, error) {
		if ctx.Value(key) != "mine" {
			return good, errors.New("another context")
		}
		close(called)
		<-ctx.Done()
		return good, ctx.Err()
	}))
	ctx, cancel := context.WithCancel(context.WithValue(ctx, key, "mine"))
	go func() {
		<-called
		cancel()
	}()
	failure(t, list(ctx, client), context.Canceled)
}

func TestACallbackForCredentialsMayPanicOrEndItsGoroutine(t *testing.T) {
	client := needy(t)
	for name, end := range map[string]func(){"panic": func() { panic(errMine) }, "Goexit": runtime.Goexit} {
		check(t, client.OnExpiry(func(context.Context) (qcos.Credentials, error) {
			end()
			return good, nil
		}))
		for _, call := range []func() error{
			func() error { return list(ctx, client) },
			func() error { return last(client.Walk(ctx, bucket, "")) },
		} {
			ended := make(chan interface{})
			go func() {
				defer func() { ended <- recover() }()
				t.Error("it has returned", call())
			}()
			same(t, <-ended == errMine, name == "panic")
		}
	}
	var times atomic.Int32
	check(t, client.OnExpiry(giving(good, &times)))
	check(t, list(ctx, client))
	same(t, times.Load(), int32(1))
}

// Its calls are signed with the old credentials, and wait for nobody.
func TestACallbackForCredentialsMayUseItsClient(t *testing.T) {
	client, other := needy(t), open(t, nil)
	derived, err := client.With(qcos.Options{})
	check(t, err)
	defer derived.Close()
	var kept context.Context
	check(t, client.OnExpiry(func(ctx context.Context) (qcos.Credentials, error) {
		kept = ctx
		within, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		elsewhere := make(chan error)
		go func() { elsewhere <- list(within, derived) }()
		for _, err := range []error{list(within, client), list(ctx, derived), <-elsewhere} {
			if !errors.Is(err, unknownID) {
				return good, fmt.Errorf("%w, not %w", err, unknownID)
			}
		}
		// A transfer has callbacks and threads of its own.
		progress := func(done, total int64) error { return nil }
		_, err := client.UploadBufferWith(ctx, []byte("x"), bucket, "x", qcos.UploadOptions{}, progress)
		if !errors.Is(err, unknownID) {
			return good, fmt.Errorf("%w, not %w", err, unknownID)
		}
		return good, list(ctx, other)
	}))
	check(t, list(ctx, client))
	// It is over, and its context one like others.
	check(t, list(kept, client))
}

func TestACallbackForCredentialsMayCloseItsClient(t *testing.T) {
	client := needy(t)
	check(t, client.OnExpiry(func(context.Context) (qcos.Credentials, error) { return good, client.Close() }))
	check(t, list(ctx, client))
	failure(t, list(ctx, client), qcos.ErrHandle)
}

func TestACallbackForCredentialsMayTakeItselfBack(t *testing.T) {
	client, called := needy(t), 0
	check(t, client.OnExpiry(func(context.Context) (qcos.Credentials, error) {
		called++
		return good, client.OnExpiry(nil)
	}))
	check(t, list(ctx, client))
	check(t, client.SetCredentials(revoked))
	failure(t, list(ctx, client), unknownID)
	same(t, called, 1)
}

func TestManyCallsNeedNewCredentials(t *testing.T) {
	client := needy(t)
	var times, running atomic.Int32
	check(t, client.OnExpiry(func(context.Context) (qcos.Credentials, error) {
		if running.Add(1) > 1 {
			return good, errors.New("two at once")
		}
		defer running.Add(-1)
		times.Add(1)
		return good, nil
	}))
	errs := make([]error, 16)
	var calling sync.WaitGroup
	for i := range errs {
		calling.Add(1)
		go func() {
			defer calling.Done()
			errs[i] = list(ctx, client)
		}()
	}
	// Others may take its place at any time.
	check(t, client.OnExpiry(giving(good, &times)))
	calling.Wait()
	for _, err := range errs {
		check(t, err)
	}
	if times.Load() == 0 {
		t.Fatal("nobody was asked")
	}
}

func TestWhoHasNoCallbackForCredentials(t *testing.T) {
	var never *qcos.Client
	failure(t, never.OnExpiry(giving(good, new(atomic.Int32))), qcos.ErrHandle)
	failure(t, never.SetCredentials(good), qcos.ErrHandle)
	client := open(t, nil)
	check(t, client.Close())
	failure(t, client.OnExpiry(giving(good, new(atomic.Int32))), qcos.ErrHandle)
	failure(t, client.OnExpiry(nil), qcos.ErrHandle)
	role, err := qcos.Open(appid, "", "", qcos.Options{Region: "ap-x", Credentials: "cvm"})
	check(t, err)
	defer role.Close()
	said := failure(t, role.OnExpiry(giving(good, new(atomic.Int32))), qcos.ErrParams).Message
	if !strings.Contains(said, "client") {
		t.Fatal(said)
	}
}

func TestCredentialsOfTheEnvironment(t *testing.T) {
	options := environment
	options.Credentials = "env"
	t.Setenv("TENCENTCLOUD_SECRET_ID", "")
	_, err := qcos.Open(appid, "", "", options)
	if said := failure(t, err, qcos.ErrParams).Message; !strings.Contains(said, "TENCENTCLOUD_SECRET_ID") {
		t.Fatal(said)
	}
	t.Setenv("TENCENTCLOUD_SECRET_ID", secretID)
	t.Setenv("TENCENTCLOUD_SECRET_KEY", secretKey)
	t.Setenv("TENCENTCLOUD_TOKEN", "")
	client, err := qcos.Open(appid, "", "", options)
	check(t, err)
	defer client.Close()
	check(t, list(ctx, client))
	// They are from one place or the other.
	_, err = qcos.Open(appid, secretID, secretKey, options)
	if said := failure(t, err, qcos.ErrParams).Message; !strings.Contains(said, "secret_id") {
		t.Fatal(said)
	}
	_, err = qcos.Open(appid, "", "", environment)
	failure(t, err, qcos.ErrParams)
}

func TestCredentialsOfARole(t *testing.T) {
	const place = "/latest/meta-data/cam/security-credentials/"
	var asked atomic.Int32
	metadata := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		switch r.URL.Path {
		case place:
			fmt.Fprint(w, "reader")
		case place + "reader":
			ends := time.Now().Add(2 * time.Hour)
			_ = json.NewEncoder(w).Encode(map[string]interface{}{
				"TmpSecretId": secretID, "TmpSecretKey": secretKey, "Token": "token", "Code": "Success",
				"ExpiredTime": ends.Unix(), "Expiration": ends.UTC().Format(time.RFC3339),
			})
		default:
			http.NotFound(w, r)
		}
	}))
	defer metadata.Close()
	options := environment
	options.MetadataEndpoint = metadata.URL
	for credentials, wanted := range map[string]error{"cvm": nil, "cvm:reader": nil, "cvm:none": qcos.ErrNetwork} {
		options.Credentials = credentials
		client, err := qcos.Open(appid, "", "", options)
		if !xml() {
			failure(t, err, qcos.ErrParams)
			continue
		}
		check(t, err)
		defer client.Close()
		if err := list(ctx, client); !errors.Is(err, wanted) {
			t.Error(credentials, err)
		}
	}
	same(t, asked.Load() > 0, xml())
	if !xml() {
		return
	}

	// A signature may have to wait for them.
	service := silent(t)
	options.Credentials, options.MetadataEndpoint = "cvm", service.endpoint
	client, err := qcos.Open(appid, "", "", options)
	check(t, err)
	defer client.Close()
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		<-service.connected
		cancel()
	}()
	_, err = client.DownloadURL(ctx, bucket, "x", 60)
	failure(t, err, context.Canceled)
}

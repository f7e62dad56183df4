package qcos_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

// events are what a callback is told, in the order that it comes.
type events struct {
	mutex sync.Mutex
	told  []qcos.TraceEvent
}

func (e *events) add(_ context.Context, event qcos.TraceEvent) error {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.told = append(e.told, event)
	return nil
}

// take are those since the last time.
func (e *events) take() (told []qcos.TraceEvent) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	told, e.told = e.told, nil
	return told
}

// failing has the emulator refuse so many requests for a path, with a status that is tried again; 0 for all.
// A path may end with *.
func failing(t *testing.T, path string, count int) {
	t.Helper()
	set := func(rules string) {
		place, err := url.Parse(environment.Endpoint)
		check(t, err)
		place.Path = "/_emulator/faults"
		response, err := http.Post(place.String(), "application/json", strings.NewReader(rules))
		check(t, err)
		response.Body.Close()
		same(t, response.StatusCode, http.StatusOK)
	}
	match := map[string]any{"bucket": bucket, "path": "/" + path}
	if count > 0 {
		match["count"] = count
	}
	rules, err := json.Marshal([]any{map[string]any{
		"match": match, "fault": map[string]any{"status": 503, "body": ""},
	}})
	check(t, err)
	set(string(rules))
	t.Cleanup(func() { set("[]") })
}

func TestEveryAttemptIsTold(t *testing.T) {
	client, path, before := open(t, nil), somewhere(t), time.Now().Truncate(time.Millisecond)
	check(t, second(client.UploadBuffer(ctx, []byte("content"), bucket, path, "")))
	told, key := new(events), new(int)
	check(t, client.Trace(func(ctx context.Context, event qcos.TraceEvent) error {
		if ctx.Value(key) != "mine" {
			return errors.New("another context")
		}
		return told.add(ctx, event)
	}))
	failing(t, path, 2)
	stat, err := client.StatFile(context.WithValue(ctx, key, "mine"), bucket, path)
	check(t, err)
	all := told.take()
	same(t, len(all), 3)
	host, err := url.Parse(environment.Endpoint)
	check(t, err)
	for i, event := range all {
		good := i == 2
		same(t, event.Attempt, i+1)
		same(t, []bool{event.Status == 200, event.Code == 0, event.Error == "", event.RetryIn == nil},
			[]bool{good, good, good, good})
		if !good && (event.Status != 503 || *event.RetryIn <= 0 || *event.RetryIn > time.Minute) {
			t.Error(event.Status, *event.RetryIn)
		}
		if event.Time.Before(before) || event.Time.After(time.Now()) || event.Head <= 0 || event.Whole < event.Head ||
			event.Whole > time.Minute {
			t.Errorf("%+v", event)
		}
		if !strings.Contains(event.Host, host.Host) || !strings.Contains(event.Path, path) ||
			event.Method != map[bool]string{true: "HEAD", false: "GET"}[xml()] {
			t.Errorf("%+v", event)
		}
		before = event.Time
	}
	same(t, all[2].RequestID, stat.RequestID)
}

func TestTheEventsOfATransfer(t *testing.T) {
	client, source, path, told := open(t, nil), file(t, 9*mib), somewhere(t), new(events)
	check(t, client.Trace(told.add))
	check(t, second(client.UploadSlice(ctx, source, bucket, path, qcos.SliceOptions{SliceSize: mib}, nil)))
	sent, received, fresh, kept := int64(0), int64(0), 0, 0
	for _, event := range told.take() {
		sent += event.Sent
		if event.Connect > 0 {
			fresh++
		} else {
			kept++
		}
		same(t, []time.Duration{event.TLS, event.Tunnel}, []time.Duration{0, 0})
	}
	if sent < 9*mib || sent > 10*mib || fresh == 0 || kept == 0 {
		t.Error(sent, fresh, kept)
	}
	check(t, second(client.DownloadBuffer(ctx, bucket, path, 0, make([]byte, 3*mib), qcos.Conditions{})))
	for _, event := range told.take() {
		received += event.Received
	}
	if received < 3*mib {
		t.Error(received)
	}
	// None any more.
	check(t, client.Trace(nil))
	check(t, second(client.StatFile(ctx, bucket, path)))
	same(t, len(told.take()), 0)
}

func TestADerivedClientIsTracedByItsOrigins(t *testing.T) {
	client, theirs, own := open(t, nil), new(events), new(events)
	derived, err := client.With(qcos.Options{})
	check(t, err)
	defer derived.Close()
	further, err := derived.With(qcos.Options{})
	check(t, err)
	defer further.Close()
	counts := func(calling *qcos.Client) []int {
		check(t, list(ctx, calling))
		return []int{len(theirs.take()), len(own.take())}
	}
	check(t, client.Trace(theirs.add))
	same(t, counts(client), []int{1, 0})
	same(t, counts(further), []int{1, 0})
	check(t, derived.Trace(own.add))
	same(t, counts(client), []int{1, 0})
	same(t, counts(further), []int{0, 1})
	check(t, derived.Trace(nil))
	check(t, client.Close())
	same(t, counts(further), []int{1, 0})
}

func TestATraceThatFailsCancels(t *testing.T) {
	client, path, called := open(t, nil), somewhere(t), 0
	check(t, second(client.UploadBuffer(ctx, []byte("x"), bucket, path, "")))
	check(t, client.Trace(func(context.Context, qcos.TraceEvent) error {
		called++
		return errMine
	}))
	// It is too late to cancel.
	stat, err := client.StatFile(ctx, bucket, path)
	same(t, []any{err, called, stat.FileSize}, []any{errMine, 1, int64(1)})

	failing(t, path+"*", 0)
	_, err = client.StatFile(ctx, bucket, path)
	same(t, failure(t, err, errMine).Code, qcos.ErrCancelled)
	same(t, called, 2)
	// A transfer, whose requests are made by threads of its own.
	_, err = client.UploadSlice(ctx, file(t, 12*mib), bucket, path+"2", qcos.SliceOptions{SliceSize: mib}, nil)
	same(t, failure(t, err, errMine).Code, qcos.ErrCancelled)
	same(t, called, 3)
}

func TestATraceMayPanicOrEndItsGoroutine(t *testing.T) {
	client := open(t, nil)
	for name, end := range map[string]func(){"panic": func() { panic(errMine) }, "Goexit": runtime.Goexit} {
		called := 0
		check(t, client.Trace(func(context.Context, qcos.TraceEvent) error {
			called++
			end()
			return nil
		}))
		for i, call := range []func() error{
			func() error { return list(ctx, client) },
			func() error { return last(client.Walk(ctx, bucket, "")) },
		} {
			ended := make(chan interface{})
			go func() {
				defer func() { ended <- recover() }()
				t.Error("it has returned", call())
			}()
			same(t, <-ended == errMine, name == "panic")
			same(t, called, i+1)
		}
	}
}

// What ends a call is in its last event, and stays why it has ended.
func TestWhatWasCancelledIsTold(t *testing.T) {
	service := silent(t)
	client, told := service.client(t), new(events)
	check(t, client.Trace(func(ctx context.Context, event qcos.TraceEvent) error {
		_ = told.add(ctx, event)
		return errMine
	}))
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		<-service.connected
		cancel()
	}()
	_, err := client.StatFile(ctx, bucket, "x")
	failure(t, err, context.Canceled)
	all := told.take()
	same(t, len(all), 1)
	same(t, []any{all[0].Code, all[0].Status, all[0].Received}, []any{qcos.ErrCancelled, 0, int64(0)})
}

// The calls that it makes are not traced, also those by another client.
func TestATraceMayUseItsClient(t *testing.T) {
	client, other, told := open(t, nil), open(t, nil), new(events)
	callback := func(ctx context.Context, event qcos.TraceEvent) error {
		_ = told.add(ctx, event)
		elsewhere := make(chan error)
		go func() { elsewhere <- list(ctx, other) }()
		return errors.Join(<-elsewhere, list(ctx, client))
	}
	check(t, client.Trace(callback))
	check(t, other.Trace(callback))
	check(t, list(ctx, client))
	same(t, len(told.take()), 1)

	// Within a callback for credentials both wait for the same thread.
	check(t, client.SetCredentials(revoked))
	check(t, client.Trace(func(ctx context.Context, event qcos.TraceEvent) error {
		_ = told.add(ctx, event)
		if err := list(ctx, client); !errors.Is(err, unknownID) && err != nil {
			return err
		}
		return nil
	}))
	var within int
	check(t, client.OnExpiry(func(ctx context.Context) (qcos.Credentials, error) {
		told.take()
		if err := list(ctx, client); !errors.Is(err, unknownID) {
			return good, err
		}
		within = len(told.take())
		return good, nil
	}))
	check(t, list(ctx, client))
	same(t, []int{within, len(told.take())}, []int{1, 2})
}

func TestManyCallsAreTraced(t *testing.T) {
	client, told := open(t, nil), new(events)
	check(t, client.Trace(told.add))
	errs := make([]error, 16)
	var calling sync.WaitGroup
	for i := range errs {
		calling.Add(1)
		go func() {
			defer calling.Done()
			errs[i] = list(ctx, client)
		}()
	}
	// Another may take its place at any time.
	check(t, client.Trace(told.add))
	calling.Wait()
	for _, err := range errs {
		check(t, err)
	}
	same(t, len(told.take()), len(errs))
}

func TestWhoCannotBeTraced(t *testing.T) {
	var never *qcos.Client
	failure(t, never.Trace(new(events).add), qcos.ErrHandle)
	failure(t, new(qcos.Client).Trace(nil), qcos.ErrHandle)
	client := open(t, nil)
	check(t, client.Close())
	failure(t, client.Trace(new(events).add), qcos.ErrHandle)
	failure(t, client.Trace(nil), qcos.ErrHandle)
}

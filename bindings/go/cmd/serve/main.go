// Serve serves the files of a bucket over HTTP: GET and HEAD with ranges and conditions, PUT, DELETE.
//
//	QCOS_APPID=... QCOS_SECRET_ID=... QCOS_SECRET_KEY=... QCOS_OPTIONS=... serve ADDRESS BUCKET
//
// QCOS_OPTIONS is JSON, such as {"region":"ap-guangzhou"}; qcos.h lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

type server struct {
	client *qcos.Client
	bucket string
}

func (s server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var err error
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		err = s.get(w, r)
	case http.MethodPut:
		err = s.put(w, r)
	case http.MethodDelete:
		if err = s.client.DeleteFile(r.Context(), s.bucket, r.URL.Path); err == nil {
			w.WriteHeader(http.StatusNoContent)
		}
	default:
		w.Header().Set("Allow", "GET, HEAD, PUT, DELETE")
		http.Error(w, "GET, HEAD, PUT or DELETE", http.StatusMethodNotAllowed)
	}
	if err != nil && r.Context().Err() == nil {
		log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
		http.Error(w, http.StatusText(status(err)), status(err))
	}
}

// get leaves ranges and conditions to net/http, which seeks and reads. What fails on the way ends the connection.
func (s server) get(w http.ResponseWriter, r *http.Request) error {
	file, err := s.client.StatFile(r.Context(), s.bucket, r.URL.Path)
	if err != nil {
		return err
	}
	tag := file.ETag
	if tag == "" && file.SHA != "" {
		tag = `"` + file.SHA + `"`
	}
	w.Header().Set("ETag", tag)
	content := s.client.Object(r.Context(), s.bucket, r.URL.Path).Reader()
	http.ServeContent(w, r, path.Base(r.URL.Path), file.Modified(), content)
	return nil
}

// put uploads the body as it comes, of any length.
func (s server) put(w http.ResponseWriter, r *http.Request) error {
	overwrite, created := true, http.StatusNoContent
	if r.Header.Get("If-None-Match") == "*" {
		overwrite, created = false, http.StatusCreated
	}
	options := qcos.StreamOptions{UploadOptions: qcos.UploadOptions{Overwrite: &overwrite}}
	if r.ContentLength >= 0 {
		options.Length = &r.ContentLength
	}
	_, err := s.client.UploadStream(r.Context(), r.Body, s.bucket, r.URL.Path, options, nil)
	if err == nil {
		w.WriteHeader(created)
	}
	return err
}

func status(err error) int {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return http.StatusNotFound
	case errors.Is(err, fs.ErrExist):
		return http.StatusPreconditionFailed
	case errors.Is(err, fs.ErrPermission):
		return http.StatusForbidden
	case errors.Is(err, qcos.ErrParams):
		return http.StatusBadRequest
	}
	return http.StatusBadGateway
}

func run(address, bucket string) error {
	options, err := qcos.ParseOptions(os.Getenv("QCOS_OPTIONS"))
	if err != nil {
		return err
	}
	appid, id, key := os.Getenv("QCOS_APPID"), os.Getenv("QCOS_SECRET_ID"), os.Getenv("QCOS_SECRET_KEY")
	client, err := qcos.Open(appid, id, key, options)
	if err != nil {
		return err
	}
	defer client.Close()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	// Ctrl-C cancels what is going on.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	service := &http.Server{
		Handler:     server{client, bucket},
		BaseContext: func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error)
	context.AfterFunc(ctx, func() { ended <- service.Shutdown(context.Background()) })
	if err := service.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-ended
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: serve ADDRESS BUCKET")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

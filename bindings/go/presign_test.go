package qcos_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

// send does what somebody does who knows nothing of this library.
func send(t *testing.T, method, url string, headers map[string]string, body []byte) int {
	t.Helper()
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	check(t, err)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	check(t, err)
	response.Body.Close()
	return response.StatusCode
}

func TestOthersSendWhatIsSigned(t *testing.T) {
	client, path := open(t, nil), somewhere(t)
	put, err := client.Presign(ctx, "PUT", bucket, path, 60, qcos.PresignOptions{
		Headers: map[string]string{"Content-Type": "text/x"},
	})
	form, formErr := client.PostPolicy(ctx, bucket, qcos.FormOptions{KeyPrefix: path, Max: 5, ExpiresS: 60})
	if !xml() {
		failure(t, err, qcos.ErrParams)
		failure(t, formErr, qcos.ErrParams)
		return
	}
	check(t, err)
	check(t, formErr)
	same(t, send(t, "PUT", put.URL, nil, []byte("hello")), 403)
	same(t, send(t, "PUT", put.URL, put.Headers, []byte("hello")), 200)
	stat, err := client.StatFile(ctx, bucket, path)
	check(t, err)
	same(t, stat.FileSize, int64(5))

	for content, status := range map[string]int{"four": 204, "sixsix": 400} {
		var body bytes.Buffer
		writer := multipart.NewWriter(&body)
		for name, value := range form.Fields {
			check(t, writer.WriteField(name, value))
		}
		file, err := writer.CreateFormFile("file", "name")
		check(t, err)
		_, err = file.Write([]byte(content))
		check(t, err)
		check(t, writer.Close())
		headers := map[string]string{"Content-Type": writer.FormDataContentType()}
		same(t, send(t, "POST", form.URL, headers, body.Bytes()), status)
	}
	stat, err = client.StatFile(ctx, bucket, path+"name")
	check(t, err)
	same(t, stat.FileSize, int64(4))
	_, err = client.PostPolicy(ctx, bucket, qcos.FormOptions{KeyPrefix: path})
	if failed := failure(t, err, qcos.ErrParams); !strings.Contains(failed.Message, "expires_s") {
		t.Fatal(failed)
	}
}

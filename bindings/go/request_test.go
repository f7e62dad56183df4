package qcos_test

import (
	"testing"

	qcos "github.com/libqcos/libqcos/bindings/go"
)

func TestRequestsInTheServicesWords(t *testing.T) {
	client := open(t, nil)
	ask := func(method, body string) (qcos.Response, error) {
		return client.Request(ctx, bucket, "", qcos.Request{
			Method: method, Query: map[string]string{"tagging": ""}, Body: []byte(body),
		})
	}
	if !xml() {
		_, err := ask("GET", "")
		failure(t, err, qcos.ErrParams)
		return
	}
	tags := "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>"
	_, err := ask("PUT", tags)
	check(t, err)
	got, err := ask("GET", "")
	check(t, err)
	same(t, got.Body, tags)
	same(t, got.Status, 200)
	if got.Headers["x-cos-request-id"] == "" || got.XML.(map[string]interface{})["Tagging"] == nil {
		t.Fatal(got)
	}
	_, err = ask("DELETE", "")
	check(t, err)
}

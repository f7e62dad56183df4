package qcos

import (
	"context"
	"unsafe"
)

// A Request is one of the XML API in the service's own words.
type Request struct {
	Method string `json:"method"`
	// Names and values, not encoded; "" for a parameter without a value.
	Query   map[string]string `json:"query,omitempty"`
	Headers map[string]string `json:"headers,omitempty"`
	// "bucket" (default), "service" or "ci".
	Host string `json:"host,omitempty"`
	// Whether carrying it out twice does no more than once; nil: of all but POST.
	Idempotent *bool `json:"idempotent,omitempty"`
	// Of a PUT or POST.
	Body []byte `json:"-"`
}

// A Response is what the service has answered to a Request.
type Response struct {
	Reply   `json:"-"`
	Status  int               `json:"status"`
	Headers map[string]string `json:"headers"`
	// One of the two: text, or bytes that are no UTF-8.
	Body      string `json:"body"`
	BodyBytes []byte `json:"body_base64"`
	// Of a body that is XML: strings, objects and arrays, as of qcos.h.
	XML interface{} `json:"xml"`
}

// Request sends one request of the XML API for which there is no method: of a bucket's lifecycle, CORS,
// policy, website or tags. The path is "" for the bucket itself.
func (c *Client) Request(ctx context.Context, bucket, path string, request Request) (response Response, err error) {
	requestJSON, err := asJSON(request)
	if err != nil {
		return response, err
	}
	var body *byte
	if len(request.Body) > 0 {
		body = &request.Body[0]
	}
	given := []text{orNull("bucket", bucket), orNull("path", path), {"request_json", requestJSON}}
	err = c.ask(ctx, &response, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.Request(client, t[0], t[1], t[2], body, uintptr(len(request.Body)))
	})
	return response, err
}

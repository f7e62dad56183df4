package qcos

import (
	"context"
	"unsafe"
)

// PresignOptions are what else is signed of a request.
type PresignOptions struct {
	// To be sent just so.
	Headers map[string]string `json:"headers,omitempty"`
	// Names and values, not encoded; "" for a parameter without a value.
	Query     map[string]string `json:"query,omitempty"`
	VersionID string            `json:"version_id,omitempty"`
}

// A PresignedRequest is one that any HTTP client can send: who knows it has access.
type PresignedRequest struct {
	Reply `json:"-"`
	URL   string `json:"url"`
	// To be sent just so.
	Headers map[string]string `json:"headers"`
}

// Presign signs one request that somebody else sends, good for so many seconds from now. XML API.
func (c *Client) Presign(
	ctx context.Context, method, bucket, path string, expiresS int64, options PresignOptions,
) (request PresignedRequest, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return request, err
	}
	given := []text{{"method", method}, {"bucket", bucket}, {"path", path}, {"options_json", optionsJSON}}
	err = c.ask(ctx, &request, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.Presign(client, t[0], t[1], t[2], expiresS, t[3])
	})
	return request, err
}

// FormOptions are what a form may upload. One of Key and KeyPrefix, and ExpiresS must be set.
type FormOptions struct {
	Key string `json:"key,omitempty"`
	// The sender's name for the file, or what the sender likes, follows it.
	KeyPrefix string `json:"key_prefix,omitempty"`
	// Bytes; 0: as many as the service takes.
	Min int64 `json:"min,omitempty"`
	Max int64 `json:"max,omitempty"`
	// Seconds from now.
	ExpiresS    int64  `json:"expires_s,omitempty"`
	ContentType string `json:"content_type,omitempty"`
	// "default", "private" or "public-read".
	ACL string `json:"acl,omitempty"`
	// 200, 201 or 204.
	SuccessStatus int `json:"success_status,omitempty"`
}

// A PresignedForm is one that a browser can post: who knows it can upload. Its file comes last, as "file".
type PresignedForm struct {
	Reply  `json:"-"`
	URL    string            `json:"url"`
	Fields map[string]string `json:"fields"`
}

// PostPolicy signs a form with which a browser uploads, straight to the bucket. XML API.
func (c *Client) PostPolicy(ctx context.Context, bucket string, options FormOptions) (form PresignedForm, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return form, err
	}
	given := []text{{"bucket", bucket}, {"options_json", optionsJSON}}
	err = c.ask(ctx, &form, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.PostPolicy(client, t[0], t[1])
	})
	return form, err
}

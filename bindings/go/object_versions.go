package qcos

import (
	"context"
	"iter"
	"unsafe"
)

// SetVersioning sets whether a bucket keeps the versions of its files: "Enabled" or "Suspended". XML API.
func (c *Client) SetVersioning(ctx context.Context, bucket, status string) error {
	given := []text{{"bucket", bucket}, {"status", status}}
	return c.ask(ctx, &Reply{}, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.SetVersioning(client, t[0], t[1])
	})
}

// GetVersioning returns it; "" for a bucket that never had versions. XML API.
func (c *Client) GetVersioning(ctx context.Context, bucket string) (status string, err error) {
	var data struct {
		Reply  `json:"-"`
		Status string `json:"status"`
	}
	err = c.ask(ctx, &data, []text{{"bucket", bucket}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.GetVersioning(client, t[0])
	})
	return data.Status, err
}

// ListVersions calls page with all versions and delete markers of the files in a folder, those of one file from
// the newest to the oldest. Otherwise it is as ListAll. XML API.
func (c *Client) ListVersions(
	ctx context.Context, bucket, path string, recursive bool, page func([]Info) error,
) (count int64, err error) {
	given := []text{{"bucket", bucket}, {"path", path}}
	return c.allPages(ctx, page, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.ListVersions(client, t[0], t[1], flag(recursive), callback, number)
	})
}

// Versions iterates over all versions and delete markers of the files below a folder, as ListVersions lists them,
// page by page like Entries. XML API.
func (c *Client) Versions(ctx context.Context, bucket, path string) iter.Seq2[Info, error] {
	return walk(func(page func([]Info) error) (int64, error) {
		return c.ListVersions(ctx, bucket, path, true, page)
	})
}

// Version is one of the file's versions, to be read in the same ways; nothing is sent. XML API.
func (o *Object) Version(versionID string) *Object {
	return &Object{ctx: o.ctx, client: o.client, bucket: o.bucket, path: o.path, version: versionID}
}

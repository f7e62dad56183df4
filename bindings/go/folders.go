package qcos

import (
	"context"
	"unsafe"
)

// CreateFolder creates a folder; fs.ErrExist when it is there. The attribute may be "".
func (c *Client) CreateFolder(ctx context.Context, bucket, path, bizAttr string) (created Created, err error) {
	given := []text{{"bucket", bucket}, {"path", path}, orNull("biz_attr", bizAttr)}
	err = c.ask(ctx, &created, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.CreateFolder(client, t[0], t[1], t[2])
	})
	return created, err
}

// UpdateFolder replaces a folder's attribute.
func (c *Client) UpdateFolder(ctx context.Context, bucket, path, bizAttr string) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"biz_attr", bizAttr}}
	return c.ask(ctx, &Reply{}, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.UpdateFolder(client, t[0], t[1], t[2])
	})
}

// StatFolder tells about a folder.
func (c *Client) StatFolder(ctx context.Context, bucket, path string) (folder File, err error) {
	err = c.ask(ctx, &folder, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.StatFolder(client, t[0], t[1])
	})
	return folder, err
}

// DeleteFolder deletes an empty folder.
func (c *Client) DeleteFolder(ctx context.Context, bucket, path string) error {
	return c.ask(ctx, &Reply{}, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.DeleteFolder(client, t[0], t[1])
	})
}

// DeleteTree deletes a folder with everything below it.
func (c *Client) DeleteTree(ctx context.Context, bucket, path string) (counts Counts, err error) {
	err = c.ask(ctx, &counts, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.DeleteTree(client, t[0], t[1])
	})
	return counts, err
}

// List lists a page of a folder.
func (c *Client) List(ctx context.Context, bucket, path string, options ListOptions) (page Page, err error) {
	given := []text{
		{"bucket", bucket}, {"path", path},
		orNull("pattern", options.Pattern), orNull("context", options.Context),
	}
	err = c.ask(ctx, &page, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.List(client, t[0], t[1], options.Num, t[2], flag(options.Backward), t[3])
	})
	return page, err
}

// PrefixSearch lists a page of what is in a folder and begins with a prefix. With "/" in it the prefix leads
// into a folder below: "2026/a" finds "2026/abc".
func (c *Client) PrefixSearch(ctx context.Context, bucket, path, prefix string, options ListOptions) (page Page, err error) {
	given := []text{
		{"bucket", bucket}, {"path", path}, {"prefix", prefix},
		orNull("pattern", options.Pattern), orNull("context", options.Context),
	}
	err = c.ask(ctx, &page, given, func(client uint64, t []*byte) unsafe.Pointer {
		order := flag(options.Backward)
		return c.library.PrefixSearch(client, t[0], t[1], t[2], options.Num, t[3], order, t[4])
	})
	return page, err
}

// ListAll calls page with everything in a folder, up to 1000 entries a time, and counts them. An error
// of page ends it. A context that is done does so before the next page.
func (c *Client) ListAll(
	ctx context.Context, bucket, path string, recursive bool, page func([]Info) error,
) (count int64, err error) {
	given := []text{{"bucket", bucket}, {"path", path}}
	return c.allPages(ctx, page, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.ListAll(client, t[0], t[1], flag(recursive), callback, number)
	})
}

// PrefixSearchAll calls page with everything in a folder that begins with a prefix, as PrefixSearch finds it,
// and with recursive also what is below the found folders. Otherwise it is as ListAll.
func (c *Client) PrefixSearchAll(
	ctx context.Context, bucket, path, prefix string, recursive bool, page func([]Info) error,
) (count int64, err error) {
	given := []text{{"bucket", bucket}, {"path", path}, {"prefix", prefix}}
	return c.allPages(ctx, page, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.PrefixSearchAll(client, t[0], t[1], t[2], flag(recursive), callback, number)
	})
}

func (c *Client) allPages(
	ctx context.Context, page func([]Info) error, given []text,
	list func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer,
) (count int64, err error) {
	if page == nil {
		return 0, failed(ErrParams, "QCOS_ERR_PARAMS", "parameter", "page must not be nil")
	}
	var data struct {
		Reply `json:"-"`
		Count int64 `json:"count"`
	}
	err = c.perform(&call{ctx: ctx, page: page}, &data, given, list)
	return data.Count, err
}

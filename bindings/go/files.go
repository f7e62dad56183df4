package qcos

import (
	"context"
	"unsafe"
)

// StatFile tells about a file.
func (c *Client) StatFile(ctx context.Context, bucket, path string) (file File, err error) {
	err = c.ask(ctx, &file, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.StatFile(client, t[0], t[1])
	})
	return file, err
}

// StatWith tells about a file that meets the conditions, or about one of its versions.
func (c *Client) StatWith(ctx context.Context, bucket, path string, options Conditions) (file File, err error) {
	err = c.askWith(ctx, &file, options, bucket, path, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.StatWith(client, t[0], t[1], t[2])
	})
	return file, err
}

// UpdateFile replaces a file's attribute.
func (c *Client) UpdateFile(ctx context.Context, bucket, path, bizAttr string) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"biz_attr", bizAttr}}
	return c.ask(ctx, &Reply{}, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.UpdateFile(client, t[0], t[1], t[2])
	})
}

// UpdateWith changes what is named of a file.
func (c *Client) UpdateWith(ctx context.Context, bucket, path string, options UpdateOptions) (updated Updated, err error) {
	err = c.askWith(ctx, &updated, options, bucket, path, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.UpdateWith(client, t[0], t[1], t[2])
	})
	return updated, err
}

// DeleteFile deletes a file; fs.ErrNotExist when there is none.
func (c *Client) DeleteFile(ctx context.Context, bucket, path string) error {
	return c.ask(ctx, &Reply{}, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.DeleteFile(client, t[0], t[1])
	})
}

// DeleteWith deletes a file, or one of its versions for good; fs.ErrNotExist when there is none.
func (c *Client) DeleteWith(
	ctx context.Context, bucket, path string, options DeleteOptions,
) (deleted DeletedVersion, err error) {
	err = c.askWith(ctx, &deleted, options, bucket, path, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.DeleteWith(client, t[0], t[1], t[2])
	})
	return deleted, err
}

// askWith asks about a file with options, which follow it.
func (c *Client) askWith(
	ctx context.Context, data result, options interface{}, bucket, path string,
	act func(client uint64, t []*byte) unsafe.Pointer,
) error {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return err
	}
	return c.ask(ctx, data, []text{{"bucket", bucket}, {"path", path}, {"options_json", optionsJSON}}, act)
}

// DeleteFiles deletes up to 100000 files. Those that were not there count as deleted.
func (c *Client) DeleteFiles(ctx context.Context, bucket string, paths []string) (counts Counts, err error) {
	// Not null, which nil would become.
	list, err := asJSON(append([]string{}, paths...))
	if err != nil {
		return counts, err
	}
	err = c.ask(ctx, &counts, []text{{"bucket", bucket}, {"paths_json", list}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.DeleteFiles(client, t[0], t[1])
	})
	return counts, err
}

// MoveFile moves a file inside its bucket. It returns the
// version of the new file, "" in a bucket that has no versions.
func (c *Client) MoveFile(
	ctx context.Context, bucket, path, dstPath string, overwrite bool,
) (versionID string, err error) {
	var made struct {
		Reply
		VersionID string `json:"version_id"`
	}
	given := []text{{"bucket", bucket}, {"path", path}, {"dst_path", dstPath}}
	err = c.ask(ctx, &made, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.MoveFile(client, t[0], t[1], t[2], flag(overwrite))
	})
	return made.VersionID, err
}

// CopyFile copies a file inside its bucket (XML API). It returns the
// version of the new file, "" in a bucket that has no versions.
func (c *Client) CopyFile(
	ctx context.Context, bucket, path, dstPath string, overwrite bool,
) (versionID string, err error) {
	var made struct {
		Reply
		VersionID string `json:"version_id"`
	}
	given := []text{{"bucket", bucket}, {"path", path}, {"dst_path", dstPath}}
	err = c.ask(ctx, &made, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.CopyFile(client, t[0], t[1], t[2], flag(overwrite))
	})
	return made.VersionID, err
}

// SetACL says who may read a file: "private", "public-read" or "default".
func (c *Client) SetACL(ctx context.Context, bucket, path, acl string) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"acl", acl}}
	return c.ask(ctx, &Reply{}, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.SetACL(client, t[0], t[1], t[2])
	})
}

// GetACL tells who may read a file.
func (c *Client) GetACL(ctx context.Context, bucket, path string) (string, error) {
	var data struct {
		Reply `json:"-"`
		ACL   string `json:"acl"`
	}
	err := c.ask(ctx, &data, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.GetACL(client, t[0], t[1])
	})
	return data.ACL, err
}

// DownloadURL makes a signed URL that is good for so many seconds from now.
func (c *Client) DownloadURL(ctx context.Context, bucket, path string, expiresS int64) (string, error) {
	var data struct {
		Reply `json:"-"`
		URL   string `json:"url"`
	}
	err := c.ask(ctx, &data, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.DownloadURL(client, t[0], t[1], expiresS)
	})
	return data.URL, err
}

// signature is what both kinds of signing bring.
type signature struct {
	Reply `json:"-"`
	Sign  string `json:"sign"`
}

// SignMore makes a signature that is good in a bucket until a Unix time, in seconds. JSON API.
func (c *Client) SignMore(ctx context.Context, bucket string, expired int64) (string, error) {
	var data signature
	err := c.ask(ctx, &data, []text{{"bucket", bucket}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.SignMore(client, t[0], expired)
	})
	return data.Sign, err
}

// SignOnce makes a signature for one request on "/appid/bucket/path". JSON API.
func (c *Client) SignOnce(ctx context.Context, bucket, fileid string) (string, error) {
	var data signature
	err := c.ask(ctx, &data, []text{{"bucket", bucket}, {"fileid", fileid}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.SignOnce(client, t[0], t[1])
	})
	return data.Sign, err
}

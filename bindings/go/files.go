package qcos

import "unsafe"

// StatFile tells about a file.
func (c *Client) StatFile(bucket, path string) (file File, err error) {
	err = c.ask(&file, []text{{"bucket", bucket}, {"path", path}}, func(t []*byte) unsafe.Pointer {
		return c.library.StatFile(c.handle, t[0], t[1])
	})
	return file, err
}

// UpdateFile replaces a file's attribute.
func (c *Client) UpdateFile(bucket, path, bizAttr string) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"biz_attr", bizAttr}}
	return c.ask(&Reply{}, given, func(t []*byte) unsafe.Pointer {
		return c.library.UpdateFile(c.handle, t[0], t[1], t[2])
	})
}

// DeleteFile deletes a file; ErrNotFound when there is none.
func (c *Client) DeleteFile(bucket, path string) error {
	return c.ask(&Reply{}, []text{{"bucket", bucket}, {"path", path}}, func(t []*byte) unsafe.Pointer {
		return c.library.DeleteFile(c.handle, t[0], t[1])
	})
}

// DeleteFiles deletes up to 100000 files. Those that were not there count as deleted.
func (c *Client) DeleteFiles(bucket string, paths []string) (counts Counts, err error) {
	// Not null, which nil would become.
	list, err := asJSON(append([]string{}, paths...))
	if err != nil {
		return counts, err
	}
	err = c.ask(&counts, []text{{"bucket", bucket}, {"paths_json", list}}, func(t []*byte) unsafe.Pointer {
		return c.library.DeleteFiles(c.handle, t[0], t[1])
	})
	return counts, err
}

// MoveFile moves a file inside its bucket.
func (c *Client) MoveFile(bucket, path, dstPath string, overwrite bool) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"dst_path", dstPath}}
	return c.ask(&Reply{}, given, func(t []*byte) unsafe.Pointer {
		return c.library.MoveFile(c.handle, t[0], t[1], t[2], flag(overwrite))
	})
}

// CopyFile copies a file inside its bucket. XML API.
func (c *Client) CopyFile(bucket, path, dstPath string, overwrite bool) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"dst_path", dstPath}}
	return c.ask(&Reply{}, given, func(t []*byte) unsafe.Pointer {
		return c.library.CopyFile(c.handle, t[0], t[1], t[2], flag(overwrite))
	})
}

// SetACL says who may read a file: "private", "public-read" or "default".
func (c *Client) SetACL(bucket, path, acl string) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"acl", acl}}
	return c.ask(&Reply{}, given, func(t []*byte) unsafe.Pointer {
		return c.library.SetACL(c.handle, t[0], t[1], t[2])
	})
}

// GetACL tells who may read a file.
func (c *Client) GetACL(bucket, path string) (string, error) {
	var data struct {
		Reply `json:"-"`
		ACL   string `json:"acl"`
	}
	err := c.ask(&data, []text{{"bucket", bucket}, {"path", path}}, func(t []*byte) unsafe.Pointer {
		return c.library.GetACL(c.handle, t[0], t[1])
	})
	return data.ACL, err
}

// DownloadURL makes a signed URL that is good for so many seconds from now.
func (c *Client) DownloadURL(bucket, path string, expiresS int64) (string, error) {
	var data struct {
		Reply `json:"-"`
		URL   string `json:"url"`
	}
	err := c.ask(&data, []text{{"bucket", bucket}, {"path", path}}, func(t []*byte) unsafe.Pointer {
		return c.library.DownloadURL(c.handle, t[0], t[1], expiresS)
	})
	return data.URL, err
}

// signature is what both kinds of signing bring.
type signature struct {
	Reply `json:"-"`
	Sign  string `json:"sign"`
}

// SignMore makes a signature that is good in a bucket until a Unix time, in seconds. JSON API.
func (c *Client) SignMore(bucket string, expired int64) (string, error) {
	var data signature
	err := c.ask(&data, []text{{"bucket", bucket}}, func(t []*byte) unsafe.Pointer {
		return c.library.SignMore(c.handle, t[0], expired)
	})
	return data.Sign, err
}

// SignOnce makes a signature for one request on "/appid/bucket/path". JSON API.
func (c *Client) SignOnce(bucket, fileid string) (string, error) {
	var data signature
	err := c.ask(&data, []text{{"bucket", bucket}, {"fileid", fileid}}, func(t []*byte) unsafe.Pointer {
		return c.library.SignOnce(c.handle, t[0], t[1])
	})
	return data.Sign, err
}

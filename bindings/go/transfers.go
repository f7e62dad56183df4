package qcos

import (
	"context"
	"unsafe"
)

// Upload uploads a local file, above 8 MiB in slices. The attribute may be "", progress nil; so in
// the calls below. A context that is done ends the call within a moment.
func (c *Client) Upload(
	ctx context.Context, filepath, bucket, dstpath, bizAttr string, progress Progress,
) (uploaded Uploaded, err error) {
	given := []text{
		{"filepath", filepath}, {"bucket", bucket}, {"dstpath", dstpath}, orNull("biz_attr", bizAttr),
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &uploaded, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.Upload(client, t[0], t[1], t[2], t[3], callback, number)
	})
	return uploaded, err
}

// UploadBuffer uploads memory, above 8 MiB in slices.
func (c *Client) UploadBuffer(ctx context.Context, data []byte, bucket, dstpath, bizAttr string) (uploaded Uploaded, err error) {
	given := []text{{"bucket", bucket}, {"dstpath", dstpath}, orNull("biz_attr", bizAttr)}
	err = c.ask(ctx, &uploaded, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.UploadBuffer(client, first(data), uintptr(len(data)), t[0], t[1], t[2])
	})
	return uploaded, err
}

// first is where bytes begin; nil where there are none.
func first(data []byte) *byte {
	if len(data) == 0 {
		return nil
	}
	return &data[0]
}

// UploadBufferWith uploads memory, with more to say of it.
func (c *Client) UploadBufferWith(
	ctx context.Context, data []byte, bucket, dstpath string, options UploadOptions, progress Progress,
) (uploaded Uploaded, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return uploaded, err
	}
	given := []text{{"bucket", bucket}, {"dstpath", dstpath}, {"options_json", optionsJSON}}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &uploaded, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		length := uintptr(len(data))
		return c.library.UploadBufferWith(client, first(data), length, t[0], t[1], t[2], callback, number)
	})
	return uploaded, err
}

// UploadSlice uploads a local file in slices, or resumes an upload that was interrupted.
func (c *Client) UploadSlice(
	ctx context.Context, filepath, bucket, dstpath string, options SliceOptions, progress Progress,
) (uploaded Uploaded, err error) {
	given := []text{
		{"filepath", filepath}, {"bucket", bucket}, {"dstpath", dstpath},
		orNull("biz_attr", options.BizAttr), orNull("session", options.Session),
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &uploaded, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.UploadSlice(client, t[0], t[1], t[2], t[3], options.SliceSize, t[4], callback, number)
	})
	return uploaded, err
}

// UploadWith uploads a local file, with more to say of it.
func (c *Client) UploadWith(
	ctx context.Context, filepath, bucket, dstpath string, options UploadOptions, progress Progress,
) (uploaded Uploaded, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return uploaded, err
	}
	given := []text{
		{"filepath", filepath}, {"bucket", bucket}, {"dstpath", dstpath}, {"options_json", optionsJSON},
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &uploaded, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.UploadWith(client, t[0], t[1], t[2], t[3], callback, number)
	})
	return uploaded, err
}

// UploadTree uploads a local folder with everything below it.
func (c *Client) UploadTree(
	ctx context.Context, dirpath, bucket, dstpath string, options UploadTreeOptions, progress Progress,
) (counts Counts, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return counts, err
	}
	given := []text{
		{"dirpath", dirpath}, {"bucket", bucket}, {"dstpath", dstpath}, {"options_json", optionsJSON},
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &counts, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.UploadTree(client, t[0], t[1], t[2], t[3], callback, number)
	})
	return counts, err
}

// ListUploads lists the unfinished uploads of files in a folder and below it. XML API.
func (c *Client) ListUploads(ctx context.Context, bucket, path string) ([]Unfinished, error) {
	var data struct {
		Reply `json:"-"`
		Infos []Unfinished `json:"infos"`
	}
	err := c.ask(ctx, &data, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.ListUploads(client, t[0], t[1])
	})
	return data.Infos, err
}

// AbortUpload drops an unfinished upload. XML API.
func (c *Client) AbortUpload(ctx context.Context, bucket, path, session string) error {
	given := []text{{"bucket", bucket}, {"path", path}, {"session", session}}
	return c.ask(ctx, &Reply{}, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.AbortUpload(client, t[0], t[1], t[2])
	})
}

// Download downloads a file to a local one, which is complete or not there at all.
func (c *Client) Download(
	ctx context.Context, bucket, path, filepath string, progress Progress,
) (downloaded Downloaded, err error) {
	given := []text{{"bucket", bucket}, {"path", path}, {"filepath", filepath}}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &downloaded, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.Download(client, t[0], t[1], t[2], callback, number)
	})
	return downloaded, err
}

// DownloadWith downloads a file to a local one, on conditions.
func (c *Client) DownloadWith(
	ctx context.Context, bucket, path, filepath string, options DownloadConditions, progress Progress,
) (downloaded Downloaded, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return downloaded, err
	}
	given := []text{
		{"bucket", bucket}, {"path", path}, {"filepath", filepath}, {"options_json", optionsJSON},
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &downloaded, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.DownloadWith(client, t[0], t[1], t[2], t[3], callback, number)
	})
	return downloaded, err
}

// DownloadTree downloads a folder with everything below it.
func (c *Client) DownloadTree(
	ctx context.Context, bucket, path, dirpath string, options DownloadTreeOptions, progress Progress,
) (counts Counts, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return counts, err
	}
	given := []text{
		{"bucket", bucket}, {"path", path}, {"dirpath", dirpath}, {"options_json", optionsJSON},
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &counts, given, func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
		return c.library.DownloadTree(client, t[0], t[1], t[2], t[3], callback, number)
	})
	return counts, err
}

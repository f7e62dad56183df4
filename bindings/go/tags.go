package qcos

import (
	"context"
	"unsafe"
)

// SetTags replaces all tags of a file; none deletes them. XML API.
func (c *Client) SetTags(ctx context.Context, bucket, path string, tags map[string]string) error {
	if tags == nil {
		tags = map[string]string{}
	}
	tagsJSON, err := asJSON(tags)
	if err != nil {
		return err
	}
	given := []text{{"bucket", bucket}, {"path", path}, {"tags_json", tagsJSON}}
	return c.ask(ctx, &Reply{}, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.SetTags(client, t[0], t[1], t[2])
	})
}

// GetTags tells a file's tags. XML API.
func (c *Client) GetTags(ctx context.Context, bucket, path string) (map[string]string, error) {
	var data struct {
		Reply `json:"-"`
		Tags  map[string]string `json:"tags"`
	}
	err := c.ask(ctx, &data, []text{{"bucket", bucket}, {"path", path}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.GetTags(client, t[0], t[1])
	})
	return data.Tags, err
}

// Restoring is what becomes of a request to restore a file.
type Restoring struct {
	Reply `json:"-"`
	// State is "started", "in_progress", or "restored" where there is a copy to download.
	State string `json:"state"`
}

// RestoreFile asks for a copy of an archived file that can be downloaded for some days. The tier is
// "Standard", "Expedited" or "Bulk", "" for the first. Info.Restore of a stat tells how far it is. XML API.
func (c *Client) RestoreFile(
	ctx context.Context, bucket, path string, days int32, tier string,
) (restoring Restoring, err error) {
	given := []text{{"bucket", bucket}, {"path", path}, orNull("tier", tier)}
	err = c.ask(ctx, &restoring, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.RestoreFile(client, t[0], t[1], days, t[2])
	})
	return restoring, err
}

// AppendOptions are what is said of a file with the first bytes of it.
type AppendOptions struct {
	BizAttr      string            `json:"biz_attr,omitempty"`
	ACL          string            `json:"acl,omitempty"`
	Headers      map[string]string `json:"headers,omitempty"`
	StorageClass string            `json:"storage_class,omitempty"`
}

// Append appends bytes, exactly once, at the end of a file that was begun so, which is at position; 0 begins
// it, and takes options. It tells where the file ends then. XML API.
func (c *Client) Append(
	ctx context.Context, data []byte, bucket, path string, position int64, options AppendOptions,
) (int64, error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return 0, err
	}
	var next struct {
		Reply    `json:"-"`
		Position int64 `json:"position"`
	}
	given := []text{{"bucket", bucket}, {"path", path}, {"options_json", optionsJSON}}
	err = c.ask(ctx, &next, given, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.Append(client, first(data), uintptr(len(data)), t[0], t[1], position, t[2])
	})
	return next.Position, err
}

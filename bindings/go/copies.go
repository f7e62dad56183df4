package qcos

import (
	"context"
	"unsafe"
)

// CopyOptions are those of qcos_copy_with; what is left out, the copy has of its source.
type CopyOptions struct {
	// SrcRegion and SrcAppID are where the source's bucket is; "" for where the client's are.
	SrcRegion string `json:"src_region,omitempty"`
	SrcAppID  string `json:"src_appid,omitempty"`
	// VersionID is the version that is copied; "" for the newest. Not of CopyTree.
	VersionID string `json:"version_id,omitempty"`
	// Overwrite is nil for what the client's options say.
	Overwrite *bool `json:"overwrite,omitempty"`
	// Move deletes the source once its copy is proven.
	Move         bool              `json:"move,omitempty"`
	ACL          string            `json:"acl,omitempty"`
	Headers      map[string]string `json:"headers,omitempty"`
	Meta         map[string]string `json:"meta,omitempty"`
	StorageClass string            `json:"storage_class,omitempty"`
	// Encryption is nil for that of the source.
	Encryption *Encryption `json:"sse,omitempty"`
	// SourceKey has the Key of a source that is encrypted with one of the caller's own.
	SourceKey *Encryption `json:"src_sse,omitempty"`
	// Tags is nil for those of the source; empty for none.
	Tags *map[string]string `json:"tags,omitempty"`
}

// CopyTreeOptions are those of qcos_copy_tree.
type CopyTreeOptions struct {
	CopyOptions
	// Include and Exclude are patterns of the files that take part; nil Include: all.
	Include []string `json:"include,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
	// Compare is "content" or "size".
	Compare string `json:"compare,omitempty"`
	// DryRun changes nothing; Counts.Plan tells what would be.
	DryRun bool `json:"dry_run,omitempty"`
}

// Copied is what a copy brings.
type Copied struct {
	Uploaded
	FileSize int64  `json:"filesize"`
	CRC64    string `json:"crc64"`
	// Verified is by what the copy was compared with its source: "crc64", "md5" or "length".
	Verified string `json:"verified"`
	// VersionID is that of the copy, in a bucket that has versions.
	VersionID string `json:"version_id"`
}

// CopyWith copies a file, also to another bucket and from another region, or moves it. XML API.
func (c *Client) CopyWith(
	ctx context.Context, bucket, path, dstBucket, dstPath string, options CopyOptions, progress Progress,
) (copied Copied, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return copied, err
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &copied, places(bucket, path, dstBucket, dstPath, optionsJSON),
		func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
			return c.library.CopyWith(client, t[0], t[1], t[2], t[3], t[4], callback, number)
		})
	return copied, err
}

// CopyTree copies a folder with everything below it, or moves it. XML API.
func (c *Client) CopyTree(
	ctx context.Context, bucket, path, dstBucket, dstPath string, options CopyTreeOptions, progress Progress,
) (counts Counts, err error) {
	optionsJSON, err := asJSON(options)
	if err != nil {
		return counts, err
	}
	call := &call{ctx: ctx, progress: progress}
	err = c.perform(call, &counts, places(bucket, path, dstBucket, dstPath, optionsJSON),
		func(client uint64, t []*byte, callback, number uintptr) unsafe.Pointer {
			return c.library.CopyTree(client, t[0], t[1], t[2], t[3], t[4], callback, number)
		})
	return counts, err
}

func places(bucket, path, dstBucket, dstPath, optionsJSON string) []text {
	return []text{
		{"bucket", bucket}, {"path", path}, {"dst_bucket", dstBucket}, {"dst_path", dstPath},
		{"options_json", optionsJSON},
	}
}

package qcos

import (
	"context"
	"unsafe"
)

// CreateBucket creates a bucket in the client's region: "private", "public-read" or
// "public-read-write"; "" is private. XML API.
func (c *Client) CreateBucket(ctx context.Context, bucket, acl string) error {
	return c.ask(ctx, &Reply{}, []text{{"bucket", bucket}, orNull("acl", acl)}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.CreateBucket(client, t[0], t[1])
	})
}

// HeadBucket asks whether a bucket is there and may be used. It brings the region, where the service
// tells it.
func (c *Client) HeadBucket(ctx context.Context, bucket string) (region string, err error) {
	var data struct {
		Reply  `json:"-"`
		Region string `json:"region"`
	}
	err = c.ask(ctx, &data, []text{{"bucket", bucket}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.HeadBucket(client, t[0])
	})
	return data.Region, err
}

// DeleteBucket deletes an empty bucket. XML API.
func (c *Client) DeleteBucket(ctx context.Context, bucket string) error {
	return c.ask(ctx, &Reply{}, []text{{"bucket", bucket}}, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.DeleteBucket(client, t[0])
	})
}

// ListBuckets lists the account's buckets: of all regions, unless an endpoint is given. XML API.
func (c *Client) ListBuckets(ctx context.Context) ([]Bucket, error) {
	var data struct {
		Reply `json:"-"`
		Infos []Bucket `json:"infos"`
	}
	err := c.ask(ctx, &data, nil, func(client uint64, t []*byte) unsafe.Pointer {
		return c.library.ListBuckets(client)
	})
	return data.Infos, err
}

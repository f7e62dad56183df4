package qcos

import "unsafe"

// CreateBucket creates a bucket in the client's region: "private", "public-read" or
// "public-read-write"; "" is private. XML API.
func (c *Client) CreateBucket(bucket, acl string) error {
	return c.ask(&Reply{}, []text{{"bucket", bucket}, orNull("acl", acl)}, func(t []*byte) unsafe.Pointer {
		return c.library.CreateBucket(c.handle, t[0], t[1])
	})
}

// HeadBucket asks whether a bucket is there and may be used. It brings the region, where the service
// tells it.
func (c *Client) HeadBucket(bucket string) (region string, err error) {
	var data struct {
		Reply  `json:"-"`
		Region string `json:"region"`
	}
	err = c.ask(&data, []text{{"bucket", bucket}}, func(t []*byte) unsafe.Pointer {
		return c.library.HeadBucket(c.handle, t[0])
	})
	return data.Region, err
}

// DeleteBucket deletes an empty bucket. XML API.
func (c *Client) DeleteBucket(bucket string) error {
	return c.ask(&Reply{}, []text{{"bucket", bucket}}, func(t []*byte) unsafe.Pointer {
		return c.library.DeleteBucket(c.handle, t[0])
	})
}

// ListBuckets lists the account's buckets: of all regions, unless an endpoint is given. XML API.
func (c *Client) ListBuckets() ([]Bucket, error) {
	var data struct {
		Reply `json:"-"`
		Infos []Bucket `json:"infos"`
	}
	err := c.ask(&data, nil, func(t []*byte) unsafe.Pointer {
		return c.library.ListBuckets(c.handle)
	})
	return data.Infos, err
}

// Objects and lists by the official Go SDK (cos-go-sdk-v5, as published).
// usage: COS_URL=http://HOST:PORT go test

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"sort"
	"strings"
	"testing"

	"github.com/tencentyun/cos-go-sdk-v5"
)

func TestDifficultKeys(t *testing.T) {
	wanted := []string{}
	for number, name := range names {
		key, content := "keys/"+name, noise(5000+number, int64(number))
		put(t, key, content)
		stored(t, key, content)
		head, err := client.Object.Head(ctx, key, nil)
		ok(t, err)
		same(t, key, head.ContentLength, int64(len(content)))
		wanted = append(wanted, key)
	}
	sort.Strings(wanted)
	sameList(t, "keys", listed(t, "keys/"), wanted)
	for _, key := range wanted {
		_, err := client.Object.Delete(ctx, key)
		ok(t, err)
	}
	sameList(t, "keys", listed(t, "keys/"), nil)
}

func TestAttributes(t *testing.T) {
	options := cos.ObjectPutOptions{ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{
		ContentType:        "text/x-test; charset=utf-8",
		CacheControl:       "max-age=7",
		ContentDisposition: `attachment; filename="a b"`,
		ContentMD5:         "XUFAKrxLKna5cZ2REBfFkg==",
		XCosMetaXXX:        &http.Header{"X-Cos-Meta-Colour": {"deep blue"}},
	}}
	made, err := client.Object.Put(ctx, "attributes", strings.NewReader("hello"), &options)
	ok(t, err)
	same(t, "ETag", made.Header.Get("ETag"), `"5d41402abc4b2a76b9719d911017c592"`)
	head, err := client.Object.Head(ctx, "attributes", nil)
	ok(t, err)
	for name, value := range map[string]string{
		"Content-Type":        "text/x-test; charset=utf-8",
		"Cache-Control":       "max-age=7",
		"Content-Disposition": `attachment; filename="a b"`,
		"x-cos-meta-colour":   "deep blue",
	} {
		same(t, name, head.Header.Get(name), value)
	}
	_, headers := get(t, "attributes", &cos.ObjectGetOptions{ResponseContentType: "text/other"})
	same(t, "Content-Type", headers.Get("Content-Type"), "text/other")
	options.ContentMD5 = "AAAAAAAAAAAAAAAAAAAAAA=="
	_, err = client.Object.Put(ctx, "attributes", strings.NewReader("hello"), &options)
	refused(t, err, 400, "BadDigest")
}

func TestRanges(t *testing.T) {
	content := noise(100000, 1)
	put(t, "range", content)
	for span, wanted := range map[string][]byte{
		"bytes=0-0":        content[:1],
		"bytes=1000-50000": content[1000:50001],
		"bytes=99990-":     content[99990:],
		"bytes=-7":         content[99993:],
	} {
		got, headers := get(t, "range", &cos.ObjectGetOptions{Range: span})
		if !bytes.Equal(got, wanted) || !strings.HasSuffix(headers.Get("Content-Range"), "/100000") {
			t.Fatal(span, headers)
		}
	}
	_, err := client.Object.Get(ctx, "range", &cos.ObjectGetOptions{Range: "bytes=100000-"})
	refused(t, err, 416, "InvalidRange")
}

func TestCopies(t *testing.T) {
	content := noise(10000, 2)
	host := client.BaseURL.BucketURL.Host
	for _, name := range names {
		// In a copy's source the SDK takes a `?` for the begin of a version.
		if strings.Contains(name, "?") {
			continue
		}
		put(t, "from/"+name, content)
		copied, _, err := client.Object.Copy(ctx, "to/"+name, host+"/from/"+name, nil)
		ok(t, err)
		same(t, "ETag", len(copied.ETag), 34)
		stored(t, "to/"+name, content)
	}
	_, _, err := client.Object.Copy(ctx, "to/none", host+"/from/none", nil)
	refused(t, err, 404, "NoSuchKey")
}

func TestLists(t *testing.T) {
	all := []string{"1", "a b/1", "a b/2", "a+b/1", "z%", "中/1", "中/2/3", "文"}
	for number, name := range all {
		all[number] = "list/" + name
		put(t, all[number], []byte("x"))
	}
	found, err := keys(client, "list/", 1)
	ok(t, err)
	sameList(t, "pages of one", found, all)

	entries := []string{}
	options := cos.BucketGetOptions{Prefix: "list/", Delimiter: "/", MaxKeys: 2}
	for {
		page, _, err := client.Bucket.Get(ctx, &options)
		ok(t, err)
		here := append([]string{}, page.CommonPrefixes...)
		for _, entry := range page.Contents {
			here = append(here, entry.Key)
		}
		if len(here) > 2 {
			t.Fatal(here)
		}
		sort.Strings(here)
		entries = append(entries, here...)
		if !page.IsTruncated {
			break
		}
		options.Marker = page.NextMarker
	}
	sameList(t, "folders", entries,
		[]string{"list/1", "list/a b/", "list/a+b/", "list/z%", "list/中/", "list/文"})
}

func TestDeletesOfMany(t *testing.T) {
	wanted := make([]cos.Object, 1000)
	for number := range wanted {
		wanted[number].Key = fmt.Sprintf("many/%04d +%%中", number)
		if number%100 == 0 {
			put(t, wanted[number].Key, []byte("x"))
		}
	}
	// The others never were there: as good as deleted.
	done, _, err := client.Object.DeleteMulti(ctx, &cos.ObjectDeleteMultiOptions{Objects: wanted})
	ok(t, err)
	same(t, "deleted", len(done.DeletedObjects), 1000)
	for number, object := range done.DeletedObjects {
		same(t, "deleted", object.Key, wanted[number].Key)
	}
	same(t, "errors", len(done.Errors), 0)
	sameList(t, "left", listed(t, "many/"), nil)

	objects := []cos.Object{{Key: strings.Repeat("k", 851)}}
	for _, name := range names {
		put(t, "many/"+name, []byte("x"))
		objects = append(objects, cos.Object{Key: "many/" + name})
	}
	done, _, err = client.Object.DeleteMulti(ctx,
		&cos.ObjectDeleteMultiOptions{Quiet: true, Objects: objects})
	ok(t, err)
	same(t, "deleted", len(done.DeletedObjects), 0)
	same(t, "errors", len(done.Errors), 1)
	same(t, "code", done.Errors[0].Code, "KeyTooLong")
	sameList(t, "left", listed(t, "many/"), nil)
}

func TestObjectACL(t *testing.T) {
	url := client.Object.GetObjectURL("acl").String()
	seen := func(wanted int) {
		t.Helper()
		status, _ := fetch(t, "GET", url, nil)
		same(t, "status", status, wanted)
	}
	put(t, "acl", []byte("shown"))
	seen(403)
	options := cos.ObjectPutACLOptions{Header: &cos.ACLHeaderOptions{XCosACL: "public-read"}}
	_, err := client.Object.PutACL(ctx, "acl", &options)
	ok(t, err)
	seen(200)
	acl, _, err := client.Object.GetACL(ctx, "acl")
	ok(t, err)
	same(t, "grants", len(acl.AccessControlList), 2)
	own := []cos.ACLGrant{}
	for _, grant := range acl.AccessControlList {
		if grant.Permission == "FULL_CONTROL" {
			own = append(own, grant)
		}
	}
	// The document that was read, written back without the grant to all.
	same(t, "own", len(own), 1)
	acl.AccessControlList = own
	_, err = client.Object.PutACL(ctx, "acl", &cos.ObjectPutACLOptions{Body: acl})
	ok(t, err)
	seen(403)
	_, _, err = client.Object.GetACL(ctx, "none")
	refused(t, err, 404, "NoSuchKey")
}

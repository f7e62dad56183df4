// The official Go SDK, unchanged, against a COS service on this machine.
//
//	peer exercise URL         every kind of call, checked here
//	peer put URL KEY FILE     for the tests of what one client writes and another reads
//	peer get URL KEY FILE
//	peer enable-versions URL
//	peer put-version URL KEY FILE      says its id
//	peer get-version URL KEY ID FILE
//	peer delete-version URL KEY ID
//	peer versions URL KEY              says the ids, the newest first; a delete marker as "marker ID"
//	peer set-tags URL KEY K V ...      none deletes them
//	peer tags URL KEY                  says them as lines "K=V", in order
//	peer archive URL KEY FILE          uploads to the archive, with the tag "of=go"
//	peer restore URL KEY DAYS TIER
//	peer restored URL KEY              says how far it is
//	peer append URL KEY POSITION FILE  says the next position
//	peer objects COMMAND URL CERTIFICATE OPTIONS KEY ...   see objects.go
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"
)

const (
	secretID  = "TESTSECRETID0000000000000000000000000"
	secretKey = "TESTSECRETKEYDONOTUSE0000000000"
	mib       = 1 << 20
)

var (
	ctx   = context.Background()
	names = []string{"a b", "a+b", "100%", "a%20b", "s*r", "t~e", "q'u\"o", "中文/名", "d//e", "&<x>",
		"a\\b", "\\c\\"}
	wire   *http.Transport
	scheme string
)

// Asks for the real hosts; the connections go to this machine.
func client(bucket, key string) *cos.Client {
	of, _ := url.Parse(scheme + "://" + bucket + ".cos.ap-guangzhou.myqcloud.com")
	service, _ := url.Parse("http://service.cos.myqcloud.com")
	return cos.NewClient(&cos.BaseURL{BucketURL: of, ServiceURL: service}, &http.Client{
		Transport: &cos.AuthorizationTransport{SecretID: secretID, SecretKey: key, Transport: wire},
	})
}

func must(err error) {
	if err != nil {
		log.Output(2, err.Error())
		os.Exit(1)
	}
}

func check(so bool, what ...interface{}) {
	if !so {
		log.Output(2, fmt.Sprint(what...))
		os.Exit(1)
	}
}

func refused(code string, err error) {
	failure, ok := err.(*cos.ErrorResponse)
	check(ok && failure.Code == code, code, " was expected: ", err)
}

func read(response *cos.Response, err error) []byte {
	must(err)
	content, err := io.ReadAll(response.Body)
	must(err)
	response.Body.Close()
	return content
}

func random(size int) []byte {
	content := make([]byte, size)
	_, err := rand.Read(content)
	must(err)
	return content
}

func fetch(method string, where *url.URL, content []byte) []byte {
	request, err := http.NewRequest(method, where.String(), bytes.NewReader(content))
	must(err)
	response, err := (&http.Client{Transport: wire}).Do(request)
	must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(err)
	check(response.StatusCode == 200, where, ": ", string(body))
	return body
}

func objects(c *cos.Client) {
	for number, name := range names {
		content, key := random(3000+number), "names/"+name
		headers := http.Header{}
		headers.Set("x-cos-meta-color", "blue")
		_, err := c.Object.Put(ctx, key, bytes.NewReader(content), &cos.ObjectPutOptions{
			ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{
				ContentType: "text/plain", XCosMetaXXX: &headers}})
		must(err)
		check(bytes.Equal(read(c.Object.Get(ctx, key, nil)), content), name)
		part := read(c.Object.Get(ctx, key, &cos.ObjectGetOptions{Range: "bytes=10-19"}))
		check(bytes.Equal(part, content[10:20]), name)
		head, err := c.Object.Head(ctx, key, nil)
		must(err)
		check(head.Header.Get("x-cos-meta-color") == "blue", head.Header)
		source := c.BaseURL.BucketURL.Host + "/" + key
		_, _, err = c.Object.Copy(ctx, "copies/"+name, source, nil)
		must(err)
		check(bytes.Equal(read(c.Object.Get(ctx, "copies/"+name, nil)), content), name)
		get, err := c.Object.GetPresignedURL(ctx, "GET", key, secretID, secretKey, time.Minute, nil)
		must(err)
		check(bytes.Equal(fetch("GET", get, nil), content), get)
		put, err := c.Object.GetPresignedURL(
			ctx, "PUT", "put/"+name, secretID, secretKey, time.Minute, nil)
		must(err)
		fetch("PUT", put, content)
		check(bytes.Equal(read(c.Object.Get(ctx, "put/"+name, nil)), content), name)
	}
	_, err := c.Object.Get(ctx, "none", nil)
	refused("NoSuchKey", err)
	_, err = c.Object.PutACL(ctx, "names/a b", &cos.ObjectPutACLOptions{
		Header: &cos.ACLHeaderOptions{XCosACL: "public-read"}})
	must(err)
	acl, _, err := c.Object.GetACL(ctx, "names/a b")
	must(err)
	check(len(acl.AccessControlList) > 1, acl)
}

func lists(c *cos.Client) {
	for _, name := range []string{"b/1", "b/2", "c d/3", "中/4", "x", "y+z"} {
		_, err := c.Object.Put(ctx, "list/"+name, strings.NewReader("x"), nil)
		must(err)
	}
	var keys, prefixes []string
	for marker := ""; ; {
		page, _, err := c.Bucket.Get(ctx, &cos.BucketGetOptions{
			Prefix: "list/", Delimiter: "/", Marker: marker, MaxKeys: 2})
		must(err)
		for _, entry := range page.Contents {
			keys = append(keys, entry.Key)
		}
		prefixes = append(prefixes, page.CommonPrefixes...)
		if !page.IsTruncated {
			break
		}
		marker = page.NextMarker
	}
	check(fmt.Sprint(keys) == "[list/x list/y+z]", keys)
	check(fmt.Sprint(prefixes) == "[list/b/ list/c d/ list/中/]", prefixes)
}

func multipart(c, other *cos.Client) {
	parts, key := [][]byte{random(mib), random(mib), random(100)}, "parts/a+b"
	begun, _, err := c.Object.InitiateMultipartUpload(ctx, key, nil)
	must(err)
	send := func(from *cos.Client, number int) {
		_, err := from.Object.UploadPart(
			ctx, key, begun.UploadID, number, bytes.NewReader(parts[number-1]), nil)
		must(err)
	}
	send(c, 1)
	send(c, 3)
	// Another client goes on.
	uploads, _, err := other.Bucket.ListMultipartUploads(
		ctx, &cos.ListMultipartUploadsOptions{Prefix: "parts/"})
	must(err)
	check(len(uploads.Uploads) == 1 && uploads.Uploads[0].UploadID == begun.UploadID, uploads)
	there, _, err := other.Object.ListParts(ctx, key, begun.UploadID, nil)
	must(err)
	check(len(there.Parts) == 2 && there.Parts[1].PartNumber == 3, there)
	send(other, 2)
	there, _, err = other.Object.ListParts(ctx, key, begun.UploadID, nil)
	must(err)
	_, _, err = other.Object.CompleteMultipartUpload(
		ctx, key, begun.UploadID, &cos.CompleteMultipartUploadOptions{Parts: there.Parts})
	must(err)
	check(bytes.Equal(read(c.Object.Get(ctx, key, nil)), bytes.Join(parts, nil)), "the parts differ")
	_, _, err = c.Object.ListParts(ctx, key, begun.UploadID, nil)
	refused("NoSuchUpload", err)

	folder, err := os.MkdirTemp("", "qcos-go-")
	must(err)
	defer os.RemoveAll(folder)
	content, sent, got := random(5*mib+3), filepath.Join(folder, "sent"), filepath.Join(folder, "got")
	must(os.WriteFile(sent, content, 0o600))
	_, _, err = c.Object.Upload(
		ctx, "parts/file", sent, &cos.MultiUploadOptions{PartSize: 1, ThreadPoolSize: 3, CheckPoint: true})
	must(err)
	_, err = c.Object.Download(
		ctx, "parts/file", got, &cos.MultiDownloadOptions{PartSize: 1, ThreadPoolSize: 3})
	must(err)
	back, err := os.ReadFile(got)
	must(err)
	check(bytes.Equal(back, content), "the file differs")
}

func deletes(c *cos.Client) {
	_, err := c.Object.Delete(ctx, "names/a b")
	must(err)
	_, err = c.Object.Get(ctx, "names/a b", nil)
	refused("NoSuchKey", err)
	var gone []cos.Object
	var wanted, deleted []string
	for _, name := range append([]string{"none"}, names...) {
		wanted = append(wanted, "names/"+name)
		gone = append(gone, cos.Object{Key: "names/" + name})
	}
	reply, _, err := c.Object.DeleteMulti(ctx, &cos.ObjectDeleteMultiOptions{Objects: gone})
	must(err)
	for _, entry := range reply.DeletedObjects {
		deleted = append(deleted, entry.Key)
	}
	sort.Strings(wanted)
	sort.Strings(deleted)
	check(fmt.Sprint(deleted) == fmt.Sprint(wanted), deleted)
}

func buckets() {
	fresh := client("fresh-10000001", secretKey)
	_, err := fresh.Bucket.Put(ctx, nil)
	must(err)
	_, err = fresh.Bucket.Head(ctx)
	must(err)
	all, _, err := fresh.Service.Get(ctx)
	must(err)
	check(strings.Contains(fmt.Sprint(all.Buckets), "fresh-10000001"), all.Buckets)
	_, err = fresh.Object.Put(ctx, "f", strings.NewReader("x"), nil)
	must(err)
	_, err = fresh.Bucket.Delete(ctx)
	refused("BucketNotEmpty", err)
	_, err = fresh.Object.Delete(ctx, "f")
	must(err)
	_, err = fresh.Bucket.Delete(ctx)
	must(err)
	_, err = fresh.Bucket.Head(ctx)
	check(cos.IsNotFoundError(err), err)
}

func versions(c *cos.Client, command string, arguments []string) {
	if command == "enable-versions" {
		_, err := c.Bucket.PutVersioning(ctx, &cos.BucketPutVersionOptions{Status: "Enabled"})
		must(err)
		set, _, err := c.Bucket.GetVersioning(ctx)
		must(err)
		check(set.Status == "Enabled", set)
		return
	}
	key := arguments[0]
	switch command {
	case "put-version":
		put, err := c.Object.PutFromFile(ctx, key, arguments[1], nil)
		must(err)
		fmt.Println(put.Header.Get("x-cos-version-id"))
	case "get-version":
		head, err := c.Object.Head(ctx, key, nil, arguments[1])
		must(err)
		check(head.Header.Get("x-cos-version-id") == arguments[1], head.Header)
		must(os.WriteFile(arguments[2], read(c.Object.Get(ctx, key, nil, arguments[1])), 0o600))
	case "delete-version":
		gone, err := c.Object.Delete(ctx, key, &cos.ObjectDeleteOptions{VersionId: arguments[1]})
		must(err)
		check(gone.Header.Get("x-cos-version-id") == arguments[1], gone.Header)
	case "versions":
		page, _, err := c.Bucket.GetObjectVersions(ctx, &cos.BucketGetObjectVersionsOptions{Prefix: key})
		must(err)
		check(!page.IsTruncated, page)
		kinds := map[string]string{}
		for _, entry := range page.Version {
			kinds[entry.VersionId] = ""
		}
		for _, entry := range page.DeleteMarker {
			kinds[entry.VersionId] = "marker "
		}
		var ids []string
		for id := range kinds {
			ids = append(ids, id)
		}
		// Ids fall with time.
		sort.Strings(ids)
		for _, id := range ids {
			fmt.Println(kinds[id] + id)
		}
	default:
		log.Fatal("unknown command")
	}
}

func setTags(c *cos.Client, key string, pairs []string) {
	if len(pairs) == 0 {
		_, err := c.Object.DeleteTagging(ctx, key)
		must(err)
		return
	}
	options := &cos.ObjectPutTaggingOptions{}
	for i := 0; i < len(pairs); i += 2 {
		options.TagSet = append(options.TagSet, cos.ObjectTaggingTag{Key: pairs[i], Value: pairs[i+1]})
	}
	_, err := c.Object.PutTagging(ctx, key, options)
	must(err)
}

func tags(c *cos.Client, key string) {
	told, _, err := c.Object.GetTagging(ctx, key)
	if failure, ok := err.(*cos.ErrorResponse); ok && failure.Code == "NoSuchTagSet" {
		return
	}
	must(err)
	var lines []string
	for _, tag := range told.TagSet {
		lines = append(lines, tag.Key+"="+tag.Value)
	}
	sort.Strings(lines)
	fmt.Println(strings.Join(lines, "\n"))
}

func archive(c *cos.Client, key, file string) {
	tagging := &http.Header{}
	tagging.Set("x-cos-tagging", "of=go")
	_, err := c.Object.PutFromFile(ctx, key, file, &cos.ObjectPutOptions{
		ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{
			XCosStorageClass: "ARCHIVE", XOptionHeader: tagging}})
	must(err)
}

func restore(c *cos.Client, key, days, tier string) {
	number, err := strconv.Atoi(days)
	must(err)
	_, err = c.Object.PostRestore(ctx, key, &cos.ObjectRestoreOptions{
		Days: number, Tier: &cos.CASJobParameters{Tier: tier}})
	must(err)
}

func appended(c *cos.Client, key, position, file string) {
	at, err := strconv.Atoi(position)
	must(err)
	content, err := os.ReadFile(file)
	must(err)
	next, _, err := c.Object.Append(ctx, key, at, bytes.NewReader(content), nil)
	must(err)
	head, err := c.Object.Head(ctx, key, nil)
	must(err)
	check(head.Header.Get("x-cos-object-type") == "appendable", head.Header)
	fmt.Println(next)
}

func main() {
	log.SetFlags(log.Lshortfile)
	command, arguments := os.Args[1], os.Args[2:]
	isInFull := command == "objects"
	if isInFull {
		command, arguments = arguments[0], arguments[1:]
	}
	var local string
	scheme, local, _ = strings.Cut(arguments[0], "://")
	wire = &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, local)
	}}
	if isInFull {
		objectsInFull(command, arguments[1:])
		return
	}
	c := client("testbucket-10000001", secretKey)
	switch command {
	case "exercise":
		objects(c)
		lists(c)
		multipart(c, client("testbucket-10000001", secretKey))
		deletes(c)
		buckets()
		_, err := client("testbucket-10000001", "wrong").Object.Put(ctx, "f", strings.NewReader("x"), nil)
		refused("SignatureDoesNotMatch", err)
		fmt.Println("everything done")
	case "put":
		_, err := c.Object.PutFromFile(ctx, os.Args[3], os.Args[4], nil)
		must(err)
	case "get":
		must(os.WriteFile(os.Args[4], read(c.Object.Get(ctx, os.Args[3], nil)), 0o600))
	case "set-tags":
		setTags(c, os.Args[3], os.Args[4:])
	case "tags":
		tags(c, os.Args[3])
	case "archive":
		archive(c, os.Args[3], os.Args[4])
	case "restore":
		restore(c, os.Args[3], os.Args[4], os.Args[5])
	case "restored":
		head, err := c.Object.Head(ctx, os.Args[3], nil)
		must(err)
		fmt.Println(head.Header.Get("x-cos-restore"))
	case "append":
		appended(c, os.Args[3], os.Args[4], os.Args[5])
	default:
		versions(c, command, os.Args[3:])
	}
}

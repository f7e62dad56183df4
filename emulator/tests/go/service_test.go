// Uploads in parts, presigned URLs, buckets, and what is refused.

package main

import (
	"bytes"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"
)

func uploadPart(t *testing.T, peer *cos.Client, key, upload string, number int, content []byte) cos.Object {
	t.Helper()
	reply, err := peer.Object.UploadPart(ctx, key, upload, number, bytes.NewReader(content), nil)
	ok(t, err)
	return cos.Object{PartNumber: number, ETag: reply.Header.Get("ETag")}
}

func begin(t *testing.T, key string, options *cos.InitiateMultipartUploadOptions) string {
	t.Helper()
	begun, _, err := client.Object.InitiateMultipartUpload(ctx, key, options)
	ok(t, err)
	same(t, "key", begun.Key, key)
	return begun.UploadID
}

func piece(content []byte, number int) []byte {
	begin, end := (number-1)*mib, number*mib
	if end > len(content) {
		end = len(content)
	}
	return content[begin:end]
}

func TestASecondClientGoesOnWithParts(t *testing.T) {
	key, content := "parts/大 文件+%~*'\"//x", noise(4*mib+123, 1)
	upload := begin(t, key, &cos.InitiateMultipartUploadOptions{
		ObjectPutHeaderOptions: &cos.ObjectPutHeaderOptions{
			ContentType: "text/x-parts", XCosMetaXXX: &http.Header{"X-Cos-Meta-P": {"q"}},
		},
	})
	for _, number := range []int{4, 1} {
		uploadPart(t, client, key, upload, number, piece(content, number))
	}

	second := open(emulator)
	uploads, _, err := second.Object.ListUploads(ctx, &cos.ObjectListUploadsOptions{Prefix: key})
	ok(t, err)
	same(t, "uploads", len(uploads.Upload), 1)
	same(t, "upload", uploads.Upload[0].UploadID, upload)
	parts, options := map[int]cos.Object{}, cos.ObjectListPartsOptions{MaxParts: "1"}
	for {
		page, _, err := second.Object.ListParts(ctx, key, upload, &options)
		ok(t, err)
		for _, part := range page.Parts {
			same(t, "size", part.Size, mib)
			parts[part.PartNumber] = cos.Object{PartNumber: part.PartNumber, ETag: part.ETag}
		}
		if !page.IsTruncated {
			break
		}
		options.PartNumberMarker = page.NextPartNumberMarker
	}
	same(t, "parts", len(parts), 2)
	all := cos.CompleteMultipartUploadOptions{}
	for number := 1; number <= 5; number++ {
		part, isThere := parts[number]
		if !isThere {
			part = uploadPart(t, second, key, upload, number, piece(content, number))
		}
		all.Parts = append(all.Parts, part)
	}
	done, _, err := second.Object.CompleteMultipartUpload(ctx, key, upload, &all)
	ok(t, err)
	same(t, done.ETag, strings.HasSuffix(done.ETag, `-5"`), true)
	stored(t, key, content)
	_, headers := get(t, key, nil)
	same(t, "type", headers.Get("Content-Type"), "text/x-parts")
	same(t, "metadata", headers.Get("x-cos-meta-p"), "q")
	_, _, err = client.Object.CompleteMultipartUpload(ctx, key, upload, &all)
	refused(t, err, 404, "NoSuchUpload")
}

func TestRefusedParts(t *testing.T) {
	key := "parts/refused"
	upload := begin(t, key, nil)
	first := uploadPart(t, client, key, upload, 1, []byte("x"))
	second := uploadPart(t, client, key, upload, 2, []byte("y"))
	complete := func(parts ...cos.Object) error {
		options := cos.CompleteMultipartUploadOptions{Parts: parts}
		_, _, err := client.Object.CompleteMultipartUpload(ctx, key, upload, &options)
		return err
	}
	refused(t, complete(first, second), 400, "EntityTooSmall")
	refused(t, complete(cos.Object{PartNumber: 1, ETag: second.ETag}), 400, "InvalidPart")
	_, err := client.Object.AbortMultipartUpload(ctx, key, upload)
	ok(t, err)
	_, err = client.Object.UploadPart(ctx, key, upload, 1, strings.NewReader("x"), nil)
	refused(t, err, 404, "NoSuchUpload")
	_, _, err = client.Object.ListParts(ctx, key, upload, nil)
	refused(t, err, 404, "NoSuchUpload")
	_, err = client.Object.Get(ctx, key, nil)
	refused(t, err, 404, "NoSuchKey")
}

func TestFiles(t *testing.T) {
	key, content := "files/大 +%~*//x", noise(5*mib+7, 3)
	file := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(file, content, 0o600))
	upload := begin(t, key, nil)
	uploadPart(t, client, key, upload, 1, piece(content, 1))
	uploadPart(t, client, key, upload, 3, piece(content, 3))

	// The SDK finds the upload of the other, and sends what it lacks.
	second := open(emulator)
	_, _, err := second.Object.Upload(ctx, key, file,
		&cos.MultiUploadOptions{PartSize: 1, ThreadPoolSize: 2, CheckPoint: true})
	ok(t, err)
	same(t, "parts sent", partsSent(t, key), 6)
	stored(t, key, content)

	target := filepath.Join(t.TempDir(), "target")
	_, err = second.Object.Download(ctx, key, target,
		&cos.MultiDownloadOptions{PartSize: 1, ThreadPoolSize: 2, CheckPoint: true})
	ok(t, err)
	got, err := os.ReadFile(target)
	ok(t, err)
	same(t, "as it was", bytes.Equal(got, content), true)
}

func TestCopiesOfParts(t *testing.T) {
	content := noise(3*mib, 5)
	put(t, "parts/source +%中", content)
	upload := begin(t, "parts/copy", nil)
	source := client.BaseURL.BucketURL.Host + "/parts/source +%中"
	all := cos.CompleteMultipartUploadOptions{}
	for number, span := range []string{"bytes=1048576-2097151", "bytes=0-99"} {
		options := cos.ObjectCopyPartOptions{XCosCopySourceRange: span}
		part, _, err := client.Object.CopyPart(ctx, "parts/copy", upload, number+1, source, &options)
		ok(t, err)
		all.Parts = append(all.Parts, cos.Object{PartNumber: number + 1, ETag: part.ETag})
	}
	_, _, err := client.Object.CompleteMultipartUpload(ctx, "parts/copy", upload, &all)
	ok(t, err)
	stored(t, "parts/copy", append(append([]byte{}, piece(content, 2)...), content[:100]...))
}

func TestPresigned(t *testing.T) {
	sign := func(method, key string, expires time.Duration, options *cos.PresignedURLOptions) string {
		t.Helper()
		signed, err := client.Object.GetPresignedURL(
			ctx, method, key, secretID, secretKey, expires, options)
		ok(t, err)
		return signed.String()
	}
	for number, name := range names {
		key, content := "presigned/"+name, noise(2000, int64(number))
		// Both forms: the seven parameters, and one that has them all.
		for _, isMerged := range []bool{false, true} {
			options := &cos.PresignedURLOptions{SignMerged: isMerged}
			status, _ := fetch(t, "PUT", sign("PUT", key, time.Minute, options), content)
			same(t, key, status, 200)
			stored(t, key, content)
			status, got := fetch(t, "GET", sign("GET", key, time.Minute, options), nil)
			same(t, key, status == 200 && bytes.Equal(got, content), true)
		}
	}
	key := "presigned/plain"
	query := &url.Values{"response-content-type": {"text/a b+c"}}
	options := &cos.PresignedURLOptions{Query: query}
	status, _ := fetch(t, "GET", sign("GET", key, time.Minute, options), nil)
	same(t, "with a parameter", status, 200)
	status, _ = fetch(t, "GET", sign("PUT", key, time.Minute, &cos.PresignedURLOptions{}), nil)
	same(t, "another method", status, 403)
	late := &cos.PresignedURLOptions{AuthTime: &cos.AuthTime{
		SignStartTime: time.Unix(1, 0), SignEndTime: time.Unix(2, 0),
		KeyStartTime: time.Unix(1, 0), KeyEndTime: time.Unix(2, 0),
	}}
	status, body := fetch(t, "GET", sign("GET", key, time.Minute, late), nil)
	same(t, "late", status == 403 && strings.Contains(string(body), "Request has expired"), true)
}

func TestBuckets(t *testing.T) {
	name := "made-by-go-10000001"
	made := openBucket(emulator, name, secretID, secretKey)
	isThere := func(wanted bool) {
		t.Helper()
		is, err := made.Bucket.IsExist(ctx)
		ok(t, err)
		same(t, "is there", is, wanted)
	}
	isThere(false)
	_, _, err := made.Bucket.Get(ctx, nil)
	refused(t, err, 404, "NoSuchBucket")
	_, err = made.Bucket.Put(ctx, &cos.BucketPutOptions{XCosACL: "public-read"})
	ok(t, err)
	isThere(true)
	_, err = made.Bucket.Put(ctx, nil)
	refused(t, err, 409, "BucketAlreadyOwnedByYou")
	acl, _, err := made.Bucket.GetACL(ctx)
	ok(t, err)
	same(t, "grants", len(acl.AccessControlList), 2)
	where, _, err := made.Bucket.GetLocation(ctx)
	ok(t, err)
	same(t, "location", where.Location, region)
	all, _, err := made.Service.Get(ctx)
	ok(t, err)
	same(t, "buckets", len(all.Buckets), 2)
	same(t, "bucket", all.Buckets[0].Name, name)
	_, err = made.Object.Put(ctx, "a", strings.NewReader("x"), nil)
	ok(t, err)
	_, err = made.Bucket.Delete(ctx)
	refused(t, err, 409, "BucketNotEmpty")
	_, err = made.Object.Delete(ctx, "a")
	ok(t, err)
	_, err = made.Bucket.Delete(ctx)
	ok(t, err)
	isThere(false)
}

func TestRefused(t *testing.T) {
	_, err := client.Object.Get(ctx, "no +%中 key", nil)
	refused(t, err, 404, "NoSuchKey")
	is, err := client.Object.IsExist(ctx, "none")
	ok(t, err)
	same(t, "is there", is, false)
	wrong := openBucket(emulator, bucket, secretID, "wrong")
	_, err = wrong.Object.Get(ctx, "a", nil)
	refused(t, err, 403, "SignatureDoesNotMatch")
	_, err = wrong.Object.Put(ctx, "a", bytes.NewReader(noise(100000, 1)), nil)
	refused(t, err, 403, "SignatureDoesNotMatch")
	nobody := openBucket(emulator, bucket, "AKIDNOBODY", secretKey)
	_, _, err = nobody.Bucket.Get(ctx, nil)
	refused(t, err, 403, "InvalidAccessKeyId")
}

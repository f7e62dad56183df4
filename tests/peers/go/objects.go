package main

import (
	"crypto/md5"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/tencentyun/cos-go-sdk-v5"
)

// Those of ../python/objects.py.
type options struct {
	Headers   map[string]string `json:"headers"`
	Class     string            `json:"storage_class"`
	Tags      *string           `json:"tags"`
	Sse       encryption        `json:"sse"`
	SrcSse    encryption        `json:"src_sse"`
	VersionID string            `json:"version_id"`
	Parts     int64             `json:"parts"`
}

type encryption struct {
	Service bool
	Kms     *string `json:"kms"`
	Context string  `json:"context"`
	C       string  `json:"c"`
}

func (e *encryption) UnmarshalJSON(text []byte) error {
	if string(text) == `"cos"` {
		e.Service = true
		return nil
	}
	type plain encryption
	return json.Unmarshal(text, (*plain)(e))
}

// Algorithm, key and its MD5; all empty if the key is not the caller's own.
func (e encryption) customer() (string, string, string) {
	if e.C == "" {
		return "", "", ""
	}
	key, err := base64.StdEncoding.DecodeString(e.C)
	must(err)
	sum := md5.Sum(key)
	return "AES256", e.C, base64.StdEncoding.EncodeToString(sum[:])
}

// What it has no fields for.
func (o options) others() *http.Header {
	others := http.Header{}
	for name, value := range o.Headers {
		others.Set(name, value)
	}
	if o.Tags != nil {
		others.Set("x-cos-tagging", *o.Tags)
	}
	if o.Sse.Kms != nil && *o.Sse.Kms != "" {
		others.Set("x-cos-server-side-encryption-cos-kms-key-id", *o.Sse.Kms)
	}
	if o.Sse.Context != "" {
		others.Set("x-cos-server-side-encryption-context", o.Sse.Context)
	}
	return &others
}

func (o options) managed() string {
	switch {
	case o.Sse.Service:
		return "AES256"
	case o.Sse.Kms != nil:
		return "cos/kms"
	}
	return ""
}

func (o options) put() *cos.ObjectPutHeaderOptions {
	put := &cos.ObjectPutHeaderOptions{
		XCosStorageClass: o.Class, XCosServerSideEncryption: o.managed(), XOptionHeader: o.others()}
	// Else it says a type of its own.
	put.ContentType = o.Headers["Content-Type"]
	put.XCosSSECustomerAglo, put.XCosSSECustomerKey, put.XCosSSECustomerKeyMD5 = o.Sse.customer()
	return put
}

func (o options) version() []string {
	if o.VersionID == "" {
		return nil
	}
	return []string{o.VersionID}
}

func (o options) head(c *cos.Client, key string) http.Header {
	head := &cos.ObjectHeadOptions{}
	head.XCosSSECustomerAglo, head.XCosSSECustomerKey, head.XCosSSECustomerKeyMD5 = o.Sse.customer()
	told, err := c.Object.Head(ctx, key, head, o.version()...)
	must(err)
	return told.Header
}

func (o options) copy(c *cos.Client, key, from string) string {
	bucket, source, _ := strings.Cut(from, "/")
	place := bucket + ".cos.ap-guangzhou.myqcloud.com/" + source
	algorithm, secret, sum := o.SrcSse.customer()
	if o.Parts == 0 {
		options := &cos.ObjectCopyHeaderOptions{
			XCosStorageClass: o.Class, XCosServerSideEncryption: o.managed(), XOptionHeader: o.others(),
			XCosMetadataDirective: "Copy", XCosCopySourceSSECustomerAglo: algorithm,
			XCosCopySourceSSECustomerKey: secret, XCosCopySourceSSECustomerKeyMD5: sum}
		options.XCosSSECustomerAglo, options.XCosSSECustomerKey, options.XCosSSECustomerKeyMD5 = o.Sse.customer()
		if o.Headers != nil {
			options.XCosMetadataDirective = "Replaced"
		}
		if o.Tags != nil {
			options.XCosTaggingDirective = "Replaced"
		}
		told, _, err := c.Object.Copy(ctx, key, place, &cos.ObjectCopyOptions{ObjectCopyHeaderOptions: options},
			o.version()...)
		must(err)
		return told.VersionId
	}
	begun, _, err := c.Object.InitiateMultipartUpload(
		ctx, key, &cos.InitiateMultipartUploadOptions{ObjectPutHeaderOptions: o.put()})
	must(err)
	complete := &cos.CompleteMultipartUploadOptions{}
	for number, span := range []string{fmt.Sprintf("bytes=0-%d", mib-1), fmt.Sprintf("bytes=%d-%d", mib, o.Parts-1)} {
		// A key of one's own that the target has goes in headers that it has no fields for.
		own := http.Header{}
		if algorithm, secret, sum := o.Sse.customer(); algorithm != "" {
			const prefix = "x-cos-server-side-encryption-customer-"
			own.Set(prefix+"algorithm", algorithm)
			own.Set(prefix+"key", secret)
			own.Set(prefix+"key-MD5", sum)
		}
		part, _, err := c.Object.CopyPart(ctx, key, begun.UploadID, number+1, place, &cos.ObjectCopyPartOptions{
			XCosCopySourceRange: span, XCosCopySourceSSECustomerAglo: algorithm,
			XCosCopySourceSSECustomerKey: secret, XCosCopySourceSSECustomerKeyMD5: sum, XOptionHeader: &own},
			o.version()...)
		must(err)
		complete.Parts = append(complete.Parts, cos.Object{PartNumber: number + 1, ETag: part.ETag})
	}
	_, told, err := c.Object.CompleteMultipartUpload(ctx, key, begun.UploadID, complete)
	must(err)
	return told.Header.Get("x-cos-version-id")
}

// All that an object has, by the commands of ../python/objects.py: COMMAND URL CERTIFICATE OPTIONS KEY ...
func objectsInFull(command string, arguments []string) {
	certificate, text, key := arguments[0], arguments[1], arguments[2]
	pem, err := os.ReadFile(certificate)
	must(err)
	roots := x509.NewCertPool()
	check(roots.AppendCertsFromPEM(pem), certificate)
	wire.TLSClientConfig = &tls.Config{RootCAs: roots, ServerName: "localhost"}
	var o options
	must(json.Unmarshal([]byte(text), &o))
	c := client("testbucket-10000001", secretKey)
	switch command {
	case "put":
		_, _, err := c.Object.Upload(ctx, key, arguments[3], &cos.MultiUploadOptions{
			OptIni:   &cos.InitiateMultipartUploadOptions{ObjectPutHeaderOptions: o.put()},
			PartSize: 1, ThreadPoolSize: 2})
		must(err)
	case "get":
		get := &cos.ObjectGetOptions{}
		get.XCosSSECustomerAglo, get.XCosSSECustomerKey, get.XCosSSECustomerKeyMD5 = o.Sse.customer()
		content := read(c.Object.Get(ctx, key, get, o.version()...))
		must(os.WriteFile(arguments[3], content, 0o600))
	case "head":
		told := map[string]string{}
		for name, values := range o.head(c, key) {
			told[strings.ToLower(name)] = values[0]
		}
		must(json.NewEncoder(os.Stdout).Encode(told))
	case "copy":
		fmt.Println(o.copy(c, key, arguments[3]))
	case "presign":
		put, err := c.Object.GetPresignedURL(ctx, "PUT", key, secretID, secretKey, 10*time.Minute,
			&cos.PresignedURLOptions{Header: o.others()})
		must(err)
		fmt.Println(put)
	}
}

package qcos

import (
	"fmt"
	"strings"
	"unicode"
	"unsafe"
)

// library holds the functions of qcos.h that this package calls. Strings end with a NUL; those that come
// back are C's. The callback is a function of C's, and call is its user_data: see call.
type library struct {
	Version       func() unsafe.Pointer
	VersionNumber func() uint32
	StringFree    func(text unsafe.Pointer)

	ClientOpen                func(appid, secretID, secretKey, optionsJSON *byte, client *uint64) unsafe.Pointer
	ClientWith                func(client uint64, optionsJSON *byte, derived *uint64) unsafe.Pointer
	ClientClose, ClientCancel func(client uint64)
	ClientSetCredentials      func(
		client uint64, secretID, secretKey, securityToken *byte, expiresAt int64,
	) unsafe.Pointer
	ClientOnExpiry, ClientTrace func(client uint64, callback, call uintptr) unsafe.Pointer
	Request                     func(
		client uint64, bucket, path, requestJSON, body *byte, length uintptr,
	) unsafe.Pointer

	ListBuckets                               func(client uint64) unsafe.Pointer
	HeadBucket, DeleteBucket, Diagnose        func(client uint64, bucket *byte) unsafe.Pointer
	GetVersioning                             func(client uint64, bucket *byte) unsafe.Pointer
	SetVersioning                             func(client uint64, bucket, status *byte) unsafe.Pointer
	CreateBucket, SignOnce, DeleteFiles       func(client uint64, bucket, other *byte) unsafe.Pointer
	PostPolicy                                func(client uint64, bucket, optionsJSON *byte) unsafe.Pointer
	SignMore                                  func(client uint64, bucket *byte, expired int64) unsafe.Pointer
	StatFolder, DeleteFolder, DeleteTree      func(client uint64, bucket, path *byte) unsafe.Pointer
	StatFile, DeleteFile, GetACL, ListUploads func(client uint64, bucket, path *byte) unsafe.Pointer
	DownloadURL                               func(client uint64, bucket, path *byte, expiresS int64) unsafe.Pointer
	CreateFolder, UpdateFolder, UpdateFile    func(client uint64, bucket, path, bizAttr *byte) unsafe.Pointer
	StatWith, DeleteWith, UpdateWith          func(client uint64, bucket, path, optionsJSON *byte) unsafe.Pointer
	SetACL, AbortUpload                       func(client uint64, bucket, path, other *byte) unsafe.Pointer

	SetTags     func(client uint64, bucket, path, tagsJSON *byte) unsafe.Pointer
	GetTags     func(client uint64, bucket, path *byte) unsafe.Pointer
	RestoreFile func(client uint64, bucket, path *byte, days int32, tier *byte) unsafe.Pointer
	Append      func(
		client uint64, data *byte, length uintptr, bucket, path *byte, position int64, optionsJSON *byte,
	) unsafe.Pointer

	Presign func(
		client uint64, method, bucket, path *byte, expiresS int64, optionsJSON *byte,
	) unsafe.Pointer
	MoveFile, CopyFile func(client uint64, bucket, path, dstPath *byte, overwrite int32) unsafe.Pointer
	UploadBuffer       func(
		client uint64, data *byte, length uintptr, bucket, dstpath, bizAttr *byte,
	) unsafe.Pointer

	List func(
		client uint64, bucket, path *byte, num int32, pattern *byte, order int32, context *byte,
	) unsafe.Pointer
	PrefixSearch func(
		client uint64, bucket, path, prefix *byte, num int32, pattern *byte, order int32, context *byte,
	) unsafe.Pointer
	ListAll, ListVersions func(
		client uint64, bucket, path *byte, recursive int32, callback, call uintptr,
	) unsafe.Pointer
	PrefixSearchAll func(
		client uint64, bucket, path, prefix *byte, recursive int32, callback, call uintptr,
	) unsafe.Pointer

	Upload func(
		client uint64, filepath, bucket, dstpath, bizAttr *byte, callback, call uintptr,
	) unsafe.Pointer
	UploadSlice func(
		client uint64, filepath, bucket, dstpath, bizAttr *byte, sliceSize uint64, session *byte,
		callback, call uintptr,
	) unsafe.Pointer
	UploadBufferWith func(
		client uint64, data *byte, length uintptr, bucket, dstpath, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer
	UploadStream func(
		client uint64, bucket, dstpath, optionsJSON *byte, read, callback, call uintptr,
	) unsafe.Pointer
	UploadWith, UploadTree func(
		client uint64, source, bucket, dstpath, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer
	CopyWith, CopyTree func(
		client uint64, bucket, path, dstBucket, dstPath, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer
	Download func(
		client uint64, bucket, path, filepath *byte, callback, call uintptr,
	) unsafe.Pointer
	DownloadBuffer func(
		client uint64, bucket, path *byte, offset int64, buffer *byte, size uintptr, optionsJSON *byte,
	) unsafe.Pointer
	DownloadStream func(
		client uint64, bucket, path, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer
	DownloadWith, DownloadTree func(
		client uint64, bucket, path, target, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer

	// The functions that C calls.
	progressCallback, pageCallback, readCallback, writeCallback, expiryCallback, traceCallback uintptr
}

// symbol is what C calls a function: DownloadURL is qcos_download_url.
func symbol(function string) string {
	var name strings.Builder
	name.WriteString("qcos")
	upper := false
	for _, letter := range function {
		if unicode.IsUpper(letter) && !upper {
			name.WriteByte('_')
		}
		upper = unicode.IsUpper(letter)
		name.WriteRune(unicode.ToLower(letter))
	}
	return name.String()
}

// fits says what is wrong with a library of this version.
func fits(number uint32, where string) error {
	loaded := [3]uint32{number >> 16, number >> 8 & 255, number & 255}
	var wanted [3]uint32
	if _, err := fmt.Sscanf(Version, "%d.%d.%d", &wanted[0], &wanted[1], &wanted[2]); err != nil {
		return err
	}
	// Before 1.0 the minor version tells what fits, then the major one.
	if loaded[0] != wanted[0] || (wanted[0] == 0 && loaded[1] != wanted[1]) {
		return fmt.Errorf("qcos: libqcos %d.%d.%d (%s) is another version than qcos %s for Go is made for",
			loaded[0], loaded[1], loaded[2], where, Version)
	}
	return nil
}

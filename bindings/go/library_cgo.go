//go:build cgo && !qcos_pure

package qcos

/*
#cgo CFLAGS: -I${SRCDIR}
#cgo LDFLAGS: -L${SRCDIR} -lqcos
#include "callbacks.h"

// Version, in library.go: before 1.0 the minor version must be the same, then the major one.
#if QCOS_VERSION_MAJOR != 0 || QCOS_VERSION_MINOR != 1
#error "this qcos.h is of another version than the Go package qcos is made for: 0.1"
#endif
*/
import "C"

import "unsafe"

var linked = &library{
	Version:       func() unsafe.Pointer { return unsafe.Pointer(C.qcos_version()) },
	VersionNumber: func() uint32 { return uint32(C.qcos_version_number()) },
	StringFree:    func(text unsafe.Pointer) { C.qcos_string_free((*C.char)(text)) },
	ClientOpen: func(appid, secretID, secretKey, optionsJSON *byte, client *uint64) unsafe.Pointer {
		out := (*C.qcos_client)(unsafe.Pointer(client))
		return owned(C.qcos_client_open(char(appid), char(secretID), char(secretKey), char(optionsJSON), out))
	},
	ClientWith: func(client uint64, optionsJSON *byte, derived *uint64) unsafe.Pointer {
		out := (*C.qcos_client)(unsafe.Pointer(derived))
		return owned(C.qcos_client_with(C.qcos_client(client), char(optionsJSON), out))
	},
	ClientSetCredentials: func(
		client uint64, secretID, secretKey, securityToken *byte, expiresAt int64,
	) unsafe.Pointer {
		return owned(C.qcos_client_set_credentials(C.qcos_client(client), char(secretID), char(secretKey),
			char(securityToken), C.int64_t(expiresAt)))
	},
	ClientOnExpiry: func(client uint64, callback, call uintptr) unsafe.Pointer {
		return owned(C.client_on_expiry(C.qcos_client(client), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	ClientTrace: func(client uint64, callback, call uintptr) unsafe.Pointer {
		return owned(C.client_trace(C.qcos_client(client), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	Request: func(client uint64, bucket, path, requestJSON, body *byte, length uintptr) unsafe.Pointer {
		return owned(C.qcos_request(C.qcos_client(client), char(bucket), char(path), char(requestJSON),
			unsafe.Pointer(body), C.size_t(length)))
	},
	ClientCancel: func(client uint64) { C.qcos_client_cancel(C.qcos_client(client)) },
	ClientClose:  func(client uint64) { C.qcos_client_close(C.qcos_client(client)) },

	SignMore: func(client uint64, bucket *byte, expired int64) unsafe.Pointer {
		return owned(C.qcos_sign_more(C.qcos_client(client), char(bucket), C.int64_t(expired)))
	},
	SignOnce: func(client uint64, bucket, fileid *byte) unsafe.Pointer {
		return owned(C.qcos_sign_once(C.qcos_client(client), char(bucket), char(fileid)))
	},
	Presign: func(
		client uint64, method, bucket, path *byte, expiresS int64, optionsJSON *byte,
	) unsafe.Pointer {
		return owned(C.qcos_presign(C.qcos_client(client), char(method), char(bucket), char(path),
			C.int64_t(expiresS), char(optionsJSON)))
	},
	PostPolicy: func(client uint64, bucket, optionsJSON *byte) unsafe.Pointer {
		return owned(C.qcos_post_policy(C.qcos_client(client), char(bucket), char(optionsJSON)))
	},
	DownloadURL: func(client uint64, bucket, path *byte, expiresS int64) unsafe.Pointer {
		return owned(C.qcos_download_url(C.qcos_client(client), char(bucket), char(path), C.int64_t(expiresS)))
	},

	CreateFolder: func(client uint64, bucket, path, bizAttr *byte) unsafe.Pointer {
		return owned(C.qcos_create_folder(C.qcos_client(client), char(bucket), char(path), char(bizAttr)))
	},
	UpdateFolder: func(client uint64, bucket, path, bizAttr *byte) unsafe.Pointer {
		return owned(C.qcos_update_folder(C.qcos_client(client), char(bucket), char(path), char(bizAttr)))
	},
	StatFolder: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_stat_folder(C.qcos_client(client), char(bucket), char(path)))
	},
	DeleteFolder: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_delete_folder(C.qcos_client(client), char(bucket), char(path)))
	},
	DeleteTree: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_delete_tree(C.qcos_client(client), char(bucket), char(path)))
	},

	List: func(client uint64, bucket, path *byte, num int32, pattern *byte, order int32, context *byte) unsafe.Pointer {
		return owned(C.qcos_list(C.qcos_client(client), char(bucket), char(path),
			C.int32_t(num), char(pattern), C.int32_t(order), char(context)))
	},
	PrefixSearch: func(
		client uint64, bucket, path, prefix *byte, num int32, pattern *byte, order int32, context *byte,
	) unsafe.Pointer {
		return owned(C.qcos_prefix_search(C.qcos_client(client), char(bucket), char(path), char(prefix),
			C.int32_t(num), char(pattern), C.int32_t(order), char(context)))
	},
	ListAll: func(client uint64, bucket, path *byte, recursive int32, callback, call uintptr) unsafe.Pointer {
		return owned(C.list_all(C.qcos_client(client), char(bucket), char(path),
			C.int32_t(recursive), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	ListVersions: func(client uint64, bucket, path *byte, recursive int32, callback, call uintptr) unsafe.Pointer {
		return owned(C.list_versions(C.qcos_client(client), char(bucket), char(path),
			C.int32_t(recursive), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	SetVersioning: func(client uint64, bucket, status *byte) unsafe.Pointer {
		return owned(C.qcos_set_versioning(C.qcos_client(client), char(bucket), char(status)))
	},
	GetVersioning: func(client uint64, bucket *byte) unsafe.Pointer {
		return owned(C.qcos_get_versioning(C.qcos_client(client), char(bucket)))
	},
	PrefixSearchAll: func(
		client uint64, bucket, path, prefix *byte, recursive int32, callback, call uintptr,
	) unsafe.Pointer {
		return owned(C.prefix_search_all(C.qcos_client(client), char(bucket), char(path), char(prefix),
			C.int32_t(recursive), C.uintptr_t(callback), C.uintptr_t(call)))
	},

	Upload: func(client uint64, filepath, bucket, dstpath, bizAttr *byte, callback, call uintptr) unsafe.Pointer {
		return owned(C.upload(C.qcos_client(client), char(filepath), char(bucket), char(dstpath), char(bizAttr),
			C.uintptr_t(callback), C.uintptr_t(call)))
	},
	UploadBuffer: func(client uint64, data *byte, length uintptr, bucket, dstpath, bizAttr *byte) unsafe.Pointer {
		return owned(C.upload_buffer(C.qcos_client(client), char(data), C.size_t(length),
			char(bucket), char(dstpath), char(bizAttr)))
	},
	UploadSlice: func(
		client uint64, filepath, bucket, dstpath, bizAttr *byte, sliceSize uint64, session *byte, callback, call uintptr,
	) unsafe.Pointer {
		return owned(C.upload_slice(C.qcos_client(client), char(filepath), char(bucket), char(dstpath), char(bizAttr),
			C.uint64_t(sliceSize), char(session), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	UploadWith: func(client uint64, filepath, bucket, dstpath, optionsJSON *byte, callback, call uintptr) unsafe.Pointer {
		return owned(C.upload_with(C.qcos_client(client), char(filepath), char(bucket), char(dstpath), char(optionsJSON),
			C.uintptr_t(callback), C.uintptr_t(call)))
	},
	UploadBufferWith: func(
		client uint64, data *byte, length uintptr, bucket, dstpath, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer {
		return owned(C.upload_buffer_with(C.qcos_client(client), char(data), C.size_t(length), char(bucket), char(dstpath),
			char(optionsJSON), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	UploadStream: func(client uint64, bucket, dstpath, optionsJSON *byte, read, callback, call uintptr) unsafe.Pointer {
		return owned(C.upload_stream(C.qcos_client(client), char(bucket), char(dstpath), char(optionsJSON),
			C.uintptr_t(read), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	UploadTree: func(client uint64, dirpath, bucket, dstpath, optionsJSON *byte, callback, call uintptr) unsafe.Pointer {
		return owned(C.upload_tree(C.qcos_client(client), char(dirpath), char(bucket), char(dstpath), char(optionsJSON),
			C.uintptr_t(callback), C.uintptr_t(call)))
	},
	ListUploads: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_list_uploads(C.qcos_client(client), char(bucket), char(path)))
	},
	AbortUpload: func(client uint64, bucket, path, session *byte) unsafe.Pointer {
		return owned(C.qcos_abort_upload(C.qcos_client(client), char(bucket), char(path), char(session)))
	},

	Download: func(client uint64, bucket, path, filepath *byte, callback, call uintptr) unsafe.Pointer {
		return owned(C.download(C.qcos_client(client), char(bucket), char(path), char(filepath),
			C.uintptr_t(callback), C.uintptr_t(call)))
	},
	DownloadWith: func(client uint64, bucket, path, filepath, optionsJSON *byte, callback, call uintptr) unsafe.Pointer {
		return owned(C.download_with(C.qcos_client(client), char(bucket), char(path), char(filepath), char(optionsJSON),
			C.uintptr_t(callback), C.uintptr_t(call)))
	},
	DownloadBuffer: func(
		client uint64, bucket, path *byte, offset int64, buffer *byte, size uintptr, optionsJSON *byte,
	) unsafe.Pointer {
		return owned(C.download_buffer(C.qcos_client(client), char(bucket), char(path),
			C.int64_t(offset), char(buffer), C.size_t(size), char(optionsJSON)))
	},
	DownloadStream: func(client uint64, bucket, path, optionsJSON *byte, callback, call uintptr) unsafe.Pointer {
		return owned(C.download_stream(C.qcos_client(client), char(bucket), char(path), char(optionsJSON),
			C.uintptr_t(callback), C.uintptr_t(call)))
	},
	DownloadTree: func(client uint64, bucket, path, dirpath, optionsJSON *byte, callback, call uintptr) unsafe.Pointer {
		return owned(C.download_tree(C.qcos_client(client), char(bucket), char(path), char(dirpath), char(optionsJSON),
			C.uintptr_t(callback), C.uintptr_t(call)))
	},

	StatFile: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_stat_file(C.qcos_client(client), char(bucket), char(path)))
	},
	StatWith: func(client uint64, bucket, path, optionsJSON *byte) unsafe.Pointer {
		return owned(C.qcos_stat_with(C.qcos_client(client), char(bucket), char(path), char(optionsJSON)))
	},
	UpdateFile: func(client uint64, bucket, path, bizAttr *byte) unsafe.Pointer {
		return owned(C.qcos_update_file(C.qcos_client(client), char(bucket), char(path), char(bizAttr)))
	},
	UpdateWith: func(client uint64, bucket, path, optionsJSON *byte) unsafe.Pointer {
		return owned(C.qcos_update_with(C.qcos_client(client), char(bucket), char(path), char(optionsJSON)))
	},
	DeleteFile: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_delete_file(C.qcos_client(client), char(bucket), char(path)))
	},
	DeleteWith: func(client uint64, bucket, path, optionsJSON *byte) unsafe.Pointer {
		return owned(C.qcos_delete_with(C.qcos_client(client), char(bucket), char(path), char(optionsJSON)))
	},
	DeleteFiles: func(client uint64, bucket, pathsJSON *byte) unsafe.Pointer {
		return owned(C.qcos_delete_files(C.qcos_client(client), char(bucket), char(pathsJSON)))
	},
	MoveFile: func(client uint64, bucket, path, dstPath *byte, overwrite int32) unsafe.Pointer {
		return owned(C.qcos_move_file(C.qcos_client(client), char(bucket), char(path), char(dstPath), C.int32_t(overwrite)))
	},
	CopyFile: func(client uint64, bucket, path, dstPath *byte, overwrite int32) unsafe.Pointer {
		return owned(C.qcos_copy_file(C.qcos_client(client), char(bucket), char(path), char(dstPath), C.int32_t(overwrite)))
	},
	CopyWith: func(
		client uint64, bucket, path, dstBucket, dstPath, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer {
		return owned(C.copy_with(C.qcos_client(client), char(bucket), char(path), char(dstBucket), char(dstPath),
			char(optionsJSON), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	CopyTree: func(
		client uint64, bucket, path, dstBucket, dstPath, optionsJSON *byte, callback, call uintptr,
	) unsafe.Pointer {
		return owned(C.copy_tree(C.qcos_client(client), char(bucket), char(path), char(dstBucket), char(dstPath),
			char(optionsJSON), C.uintptr_t(callback), C.uintptr_t(call)))
	},
	SetACL: func(client uint64, bucket, path, acl *byte) unsafe.Pointer {
		return owned(C.qcos_set_acl(C.qcos_client(client), char(bucket), char(path), char(acl)))
	},
	GetACL: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_get_acl(C.qcos_client(client), char(bucket), char(path)))
	},

	SetTags: func(client uint64, bucket, path, tagsJSON *byte) unsafe.Pointer {
		return owned(C.qcos_set_tags(C.qcos_client(client), char(bucket), char(path), char(tagsJSON)))
	},
	GetTags: func(client uint64, bucket, path *byte) unsafe.Pointer {
		return owned(C.qcos_get_tags(C.qcos_client(client), char(bucket), char(path)))
	},
	RestoreFile: func(client uint64, bucket, path *byte, days int32, tier *byte) unsafe.Pointer {
		return owned(C.qcos_restore_file(C.qcos_client(client), char(bucket), char(path), C.int32_t(days), char(tier)))
	},
	Append: func(
		client uint64, data *byte, length uintptr, bucket, path *byte, position int64, optionsJSON *byte,
	) unsafe.Pointer {
		return owned(C.append_bytes(C.qcos_client(client), char(data), C.size_t(length), char(bucket), char(path),
			C.int64_t(position), char(optionsJSON)))
	},

	CreateBucket: func(client uint64, bucket, acl *byte) unsafe.Pointer {
		return owned(C.qcos_create_bucket(C.qcos_client(client), char(bucket), char(acl)))
	},
	Diagnose: func(client uint64, bucket *byte) unsafe.Pointer {
		return owned(C.qcos_diagnose(C.qcos_client(client), char(bucket)))
	},
	HeadBucket: func(client uint64, bucket *byte) unsafe.Pointer {
		return owned(C.qcos_head_bucket(C.qcos_client(client), char(bucket)))
	},
	DeleteBucket: func(client uint64, bucket *byte) unsafe.Pointer {
		return owned(C.qcos_delete_bucket(C.qcos_client(client), char(bucket)))
	},
	ListBuckets: func(client uint64) unsafe.Pointer { return owned(C.qcos_list_buckets(C.qcos_client(client))) },

	progressCallback: uintptr(C.progress_callback()),
	pageCallback:     uintptr(C.page_callback()),
	readCallback:     uintptr(C.read_callback()),
	writeCallback:    uintptr(C.write_callback()),
	expiryCallback:   uintptr(C.expiry_callback()),
	traceCallback:    uintptr(C.trace_callback()),
}

// load is the library that the program is linked with, if it fits.
func load() (*library, error) {
	return linked, fits(linked.VersionNumber(), "linked")
}

func char(text *byte) *C.char {
	return (*C.char)(unsafe.Pointer(text))
}

func owned(text *C.char) unsafe.Pointer {
	return unsafe.Pointer(text)
}

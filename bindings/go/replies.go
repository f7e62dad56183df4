package qcos

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// A Reply is what all results have in common.
type Reply struct {
	HTTPCode  int
	RequestID string
	// Data is the JSON that the fields beside it were read from.
	Data json.RawMessage
}

func (r *Reply) received(reply Reply) {
	*r = reply
}

// result is a struct with a Reply in it.
type result interface {
	received(Reply)
}

// Info tells about a file or folder, or one of the versions of a file. Which fields there are depends on the call and the API.
type Info struct {
	Name      string `json:"name"`
	Folder    bool   `json:"-"`
	FileSize  int64  `json:"filesize"`
	FileLen   int64  `json:"filelen"`
	BizAttr   string `json:"biz_attr"`
	CTime     string `json:"ctime"`
	MTime     string `json:"mtime"`
	SHA       string `json:"sha"`
	CRC64     string `json:"crc64"`
	ETag      string `json:"etag"`
	AccessURL string `json:"access_url"`
	// Those of a stat in the XML API: Headers by names in lower case, Meta by names without "x-cos-meta-".
	Headers      map[string]string `json:"headers"`
	Meta         map[string]string `json:"meta"`
	StorageClass string            `json:"storage_class"`
	VersionID    string            `json:"version_id"`
	Type         string            `json:"type"`
	Restore      string            `json:"restore"`
	// Those of a list of versions: whether it is the newest, and whether it hides those before it.
	IsLatest     bool `json:"is_latest"`
	DeleteMarker bool `json:"delete_marker"`
	// Encryption is "cos", {"kms":id} or {"c_md5":MD5 of the owner's own key}; nil of what is not encrypted.
	Encryption json.RawMessage `json:"sse"`
	// Unusable is why all calls leave an entry of a list alone, "" for most.
	Unusable string `json:"unusable"`
}

// UnmarshalJSON sees that what has no filesize is a folder, or a delete marker.
func (i *Info) UnmarshalJSON(text []byte) error {
	type plain Info
	read := plain{FileSize: -1}
	err := json.Unmarshal(text, &read)
	if read.FileSize < 0 {
		read.Folder, read.FileSize = !read.DeleteMarker, 0
	}
	*i = Info(read)
	return err
}

// Modified is MTime; the zero Time when there is none.
func (i *Info) Modified() time.Time {
	seconds, err := strconv.ParseInt(i.MTime, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// File is what a stat tells.
type File struct {
	Reply
	Info
}

// Updated is what UpdateWith brings.
type Updated struct {
	Reply `json:"-"`
	// Changed is whether anything was written. XML API.
	Changed bool `json:"changed"`
}

// DeletedVersion is what DeleteWith brings, in a bucket that has versions.
type DeletedVersion struct {
	Reply `json:"-"`
	// VersionID is that of the version that is gone, or of the delete marker that was made.
	VersionID string `json:"version_id"`
	// DeleteMarker is whether it is a delete marker.
	DeleteMarker bool `json:"delete_marker"`
}

// Created is what CreateFolder brings.
type Created struct {
	Reply        `json:"-"`
	CTime        string `json:"ctime"`
	ResourcePath string `json:"resource_path"`
}

// Page is a page of a list.
type Page struct {
	Reply     `json:"-"`
	Infos     []Info `json:"infos"`
	HasMore   bool   `json:"has_more"`
	Context   string `json:"context"`
	DirCount  int64  `json:"dircount"`
	FileCount int64  `json:"filecount"`
}

// Uploaded is what an upload brings.
type Uploaded struct {
	Reply        `json:"-"`
	AccessURL    string `json:"access_url"`
	ResourcePath string `json:"resource_path"`
	URL          string `json:"url"`
	// VersionID is "" where the service tells none.
	VersionID string `json:"version_id"`
}

// Downloaded is what a download brings.
type Downloaded struct {
	Reply    `json:"-"`
	FileSize int64  `json:"filesize"`
	SHA      string `json:"sha"`   // in the JSON API
	CRC64    string `json:"crc64"` // in the XML API
	// VersionID is that of what has arrived, in a bucket that has versions.
	VersionID string `json:"version_id"`
}

// Read is what a download into memory or to an io.Writer brings.
type Read struct {
	Reply `json:"-"`
	// Len is how many bytes have arrived, FileSize how many the whole file has.
	Len      int64 `json:"len"`
	FileSize int64 `json:"filesize"`
	// ETag is in quotes, as Conditions take it; "" where the service tells none.
	ETag string `json:"etag"`
	// Verified is what was compared: "crc64", "sha1" or "md5" of a whole file, "length" of a part.
	Verified string `json:"verified"`
	// VersionID is that of what has arrived, in a bucket that has versions.
	VersionID string `json:"version_id"`
}

// Counts are what became of many files. They are there also when some failed, beside the error.
type Counts struct {
	Reply      `json:"-"`
	Uploaded   int64     `json:"uploaded"`
	Downloaded int64     `json:"downloaded"`
	Copied     int64     `json:"copied"`
	Moved      int64     `json:"moved"`
	Deleted    int64     `json:"deleted"`
	Same       int64     `json:"same"`
	Skipped    []string  `json:"skipped"`
	Failed     []Failure `json:"failed"`
	// Plan is what a dry run would do.
	Plan []Planned `json:"plan"`
	// Those that are only counted: no list names more than 1000.
	SkippedMore int64 `json:"skipped_more"`
	FailedMore  int64 `json:"failed_more"`
	PlanMore    int64 `json:"plan_more"`
}

// Planned is one file of a dry run.
type Planned struct {
	Path string `json:"path"`
	// Action is "upload", "download", "copy", "move" or "delete".
	Action string `json:"action"`
}

// Failure is one of many files that failed.
type Failure struct {
	Path        string `json:"path"`
	Code        Code   `json:"code"`
	Message     string `json:"message"`
	ServiceCode string `json:"service_code"`
	Session     string `json:"session"`
	Offset      int64  `json:"offset"`
}

// Bucket is one of the account's.
type Bucket struct {
	Name   string `json:"name"`
	Region string `json:"region"`
	CTime  string `json:"ctime"`
}

// Unfinished is an upload that is neither complete nor aborted.
type Unfinished struct {
	Path    string `json:"path"`
	Session string `json:"session"`
	CTime   string `json:"ctime"`
}

// decode reads a reply: its data into what is wanted, its failure as an Error.
func decode(answer []byte, wanted result) error {
	var reply struct {
		Code      Code            `json:"code"`
		Message   string          `json:"message"`
		HTTPCode  int             `json:"httpcode"`
		RequestID string          `json:"request_id"`
		Data      json.RawMessage `json:"data"`
		Error     struct {
			Name        string `json:"name"`
			Kind        string `json:"kind"`
			Retryable   bool   `json:"retryable"`
			Attempts    int    `json:"attempts"`
			RequestID   string `json:"request_id"`
			ServiceCode string `json:"service_code"`
			TraceID     string `json:"trace_id"`
		} `json:"error"`
	}
	if err := json.Unmarshal(answer, &reply); err != nil {
		return fmt.Errorf("qcos: the reply is not as qcos.h says: %w", err)
	}
	requestID := reply.RequestID
	if requestID == "" {
		requestID = reply.Error.RequestID
	}
	unread := json.Unmarshal(reply.Data, wanted)
	wanted.received(Reply{HTTPCode: reply.HTTPCode, RequestID: requestID, Data: reply.Data})
	if reply.Code != 0 {
		failure := &Error{
			Code: reply.Code, Name: reply.Error.Name, Kind: reply.Error.Kind, Message: reply.Message,
			HTTPCode: reply.HTTPCode, Retryable: reply.Error.Retryable, Attempts: reply.Error.Attempts,
			RequestID: requestID, ServiceCode: reply.Error.ServiceCode, TraceID: reply.Error.TraceID,
			Data: reply.Data,
		}
		var resume struct {
			Session string `json:"session"`
			Offset  int64  `json:"offset"`
		}
		if json.Unmarshal(reply.Data, &resume) == nil {
			failure.Session, failure.Offset = resume.Session, resume.Offset
		}
		return failure
	}
	if unread != nil {
		return fmt.Errorf("qcos: the reply's data is not as qcos.h says: %w", unread)
	}
	return nil
}

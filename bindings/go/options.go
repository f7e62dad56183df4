package qcos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Options are those of qcos_client_open; what is left out has its default. They are also JSON, with
// the header's names.
type Options struct {
	// API is "" for "xml" with a Region, and for "json" without.
	API           string `json:"api,omitempty"`
	Region        string `json:"region,omitempty"`
	Endpoint      string `json:"endpoint,omitempty"`
	Addressing    string `json:"addressing,omitempty"`
	SecurityToken string `json:"security_token,omitempty"`
	// Credentials is where they come from, if not from the parameters of Open, which are "" then: "env",
	// the environment; in the XML API also "cvm" or "cvm:ROLE", the role of the instance that the program
	// runs on.
	Credentials string `json:"credentials,omitempty"`
	// MetadataEndpoint is the URL of the instance's metadata service, with "cvm".
	MetadataEndpoint string `json:"metadata_endpoint,omitempty"`
	DownloadEndpoint string `json:"download_endpoint,omitempty"`
	SignExpiresS     int64  `json:"sign_expires_s,omitempty"`
	ConnectTimeoutMS int64  `json:"connect_timeout_ms,omitempty"`
	IOTimeoutMS      int64  `json:"io_timeout_ms,omitempty"`
	TimeoutMS        int64  `json:"timeout_ms,omitempty"`
	// Retries is nil for the default; 0 stands for none.
	Retries       *int     `json:"retries,omitempty"`
	SliceSize     int64    `json:"slice_size,omitempty"`
	Parallel      Parallel `json:"parallel,omitempty"`
	CheckpointDir string   `json:"checkpoint_dir,omitempty"`
	Overwrite     bool     `json:"overwrite,omitempty"`
	TLSCA         string   `json:"tls_ca,omitempty"`
	Proxy         string   `json:"proxy,omitempty"`
	UserAgent     string   `json:"user_agent,omitempty"`
	// Network is "public", "internal" or "accelerate". XML API, as Failover and TrafficLimit.
	Network  string `json:"network,omitempty"`
	Failover bool   `json:"failover,omitempty"`
	// Resolve has the addresses of hosts that are not looked up.
	Resolve map[string]string `json:"resolve,omitempty"`
	// TrafficLimit is in bits a second, of each request with an object's content.
	TrafficLimit int64 `json:"traffic_limit,omitempty"`
	// MaxBytesPerS is over all connections, each way.
	MaxBytesPerS int64 `json:"max_bytes_per_s,omitempty"`
}

// Parallel is how many requests a transfer has in flight at once, 1 to 32, or ParallelAuto.
type Parallel int

// ParallelAuto stands for "auto": the number finds itself, for all transfers of a client.
const ParallelAuto Parallel = -1

// MarshalJSON writes the number, or "auto".
func (parallel Parallel) MarshalJSON() ([]byte, error) {
	if parallel == ParallelAuto {
		return []byte(`"auto"`), nil
	}
	return json.Marshal(int(parallel))
}

// UnmarshalJSON reads it.
func (parallel *Parallel) UnmarshalJSON(text []byte) error {
	if string(text) == `"auto"` {
		*parallel = ParallelAuto
		return nil
	}
	if err := json.Unmarshal(text, (*int)(parallel)); err != nil {
		return fmt.Errorf(`parallel must be a whole number or "auto": %w`, err)
	}
	return nil
}

// ParseOptions reads options from JSON, such as {"region":"ap-guangzhou"}; "" is {}.
func ParseOptions(text string) (options Options, err error) {
	if text == "" {
		return options, nil
	}
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	// Else an option that is misspelt would be as good as none.
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&options); err != nil {
		return Options{}, fmt.Errorf("qcos: options: %w", err)
	}
	if decoder.More() {
		return Options{}, fmt.Errorf("qcos: options: more than one JSON object")
	}
	return options, nil
}

// ListOptions say which page of a list is wanted, as for qcos_list; what is left out has its default.
type ListOptions struct {
	// Num is how many entries, 0 for 20.
	Num int32
	// Pattern is "eListBoth", "eListDirOnly" or "eListFileOnly".
	Pattern string
	// Backward is the header's order 1.
	Backward bool
	// Context is that of the page before.
	Context string
}

// UploadOptions are those of qcos_upload_with and qcos_upload_buffer_with; what is left out has its default.
type UploadOptions struct {
	BizAttr string `json:"biz_attr,omitempty"`
	// Overwrite is nil for what the client's options say.
	Overwrite *bool             `json:"overwrite,omitempty"`
	ACL       string            `json:"acl,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	// Meta has names without "x-cos-meta-", and values of any text.
	Meta         map[string]string `json:"meta,omitempty"`
	StorageClass string            `json:"storage_class,omitempty"`
	// Encryption is nil for the bucket's own. XML API.
	Encryption *Encryption `json:"sse,omitempty"`
	// Tags, XML API.
	Tags map[string]string `json:"tags,omitempty"`
	// OnFailure is "keep" or "abort"; not of UploadTree.
	OnFailure string `json:"on_failure,omitempty"`
}

// Encryption is the option "sse": how the service encrypts a file. Its zero value is a key that the service keeps.
type Encryption struct {
	// KMS is whether a key of KMS is meant; KeyID "" is its default key, and Context a JSON object.
	KMS     bool
	KeyID   string
	Context []byte
	// Key is one of the caller's own, of 32 bytes, for https only.
	Key []byte
}

// MarshalJSON returns what the C functions take.
func (encryption Encryption) MarshalJSON() ([]byte, error) {
	switch {
	case encryption.Key != nil && !encryption.KMS:
		return json.Marshal(map[string][]byte{"c": encryption.Key})
	case encryption.KMS && encryption.Key == nil:
		return json.Marshal(struct {
			KMS     string `json:"kms"`
			Context []byte `json:"context,omitempty"`
		}{encryption.KeyID, encryption.Context})
	case encryption.KMS || encryption.KeyID != "" || encryption.Context != nil:
		return nil, errors.New("qcos: Encryption: KeyID and Context are for KMS, and Key is not")
	}
	return json.Marshal("cos")
}

// UpdateOptions are those of qcos_update_with: nil stands for what stays, a nil value in a map for what is removed.
type UpdateOptions struct {
	BizAttr      *string            `json:"biz_attr,omitempty"`
	ACL          string             `json:"acl,omitempty"`
	Headers      map[string]*string `json:"headers,omitempty"`
	Meta         map[string]*string `json:"meta,omitempty"`
	StorageClass string             `json:"storage_class,omitempty"`
	// Encryption names the key of a file that is encrypted with one of the caller's own.
	Encryption *Encryption `json:"sse,omitempty"`
}

// TreeOptions are what uploads and downloads of trees share.
type TreeOptions struct {
	// Include and Exclude are patterns of the files that take part; nil Include: all.
	Include []string `json:"include,omitempty"`
	Exclude []string `json:"exclude,omitempty"`
	// Compare is "content" or "size".
	Compare string `json:"compare,omitempty"`
	// DryRun changes nothing; Counts.Plan tells what would be.
	DryRun bool `json:"dry_run,omitempty"`
	// Delete deletes what the target has and the source does not, once all else has succeeded.
	Delete bool `json:"delete,omitempty"`
	// Times and Modes of files are kept. XML API.
	Times bool `json:"times,omitempty"`
	Modes bool `json:"modes,omitempty"`
}

// UploadTreeOptions are those of qcos_upload_tree.
type UploadTreeOptions struct {
	UploadOptions
	TreeOptions
}

// StreamOptions are those of qcos_upload_stream.
type StreamOptions struct {
	UploadOptions
	// Length is how many bytes there will be, nil where that is not known.
	Length *int64 `json:"length,omitempty"`
}

// Conditions say which version of a file is meant, and what it must be, as for qcos_download_with and
// qcos_stat_with; what is left out is none. XML API. A file that does not meet them is refused with Code(-412)
// or Code(-304).
type Conditions struct {
	// VersionID is "" for the newest; "null" names the version of before the bucket had any.
	VersionID   string `json:"version_id,omitempty"`
	IfMatch     string `json:"if_match,omitempty"`
	IfNoneMatch string `json:"if_none_match,omitempty"`
	// The times are in Unix seconds.
	IfModifiedSince   int64 `json:"if_modified_since,omitempty"`
	IfUnmodifiedSince int64 `json:"if_unmodified_since,omitempty"`
	// Encryption is how the file is encrypted, with the key where it is the caller's own.
	Encryption *Encryption `json:"sse,omitempty"`
}

// DeleteOptions are those of qcos_delete_with.
type DeleteOptions struct {
	// VersionID is the version, or the delete marker, that is deleted for good; "" for the file. XML API.
	VersionID string `json:"version_id,omitempty"`
}

// DownloadConditions are those of qcos_download_with.
type DownloadConditions struct {
	Conditions
	// Overwrite is nil for true.
	Overwrite *bool `json:"overwrite,omitempty"`
}

// RangeOptions are those of qcos_download_stream; what is left out stands for the whole file.
type RangeOptions struct {
	Conditions
	Offset int64 `json:"offset,omitempty"`
	// Length is how many bytes at most, nil for all.
	Length *int64 `json:"length,omitempty"`
	// Last is how many bytes of the file's end, instead of Offset and Length.
	Last *int64 `json:"last,omitempty"`
}

// DownloadTreeOptions are those of qcos_download_tree.
type DownloadTreeOptions struct {
	TreeOptions
	// Encryption is how all files are encrypted. XML API.
	Encryption *Encryption `json:"sse,omitempty"`
	// Overwrite is nil for true.
	Overwrite *bool `json:"overwrite,omitempty"`
}

// SliceOptions are what may be left out of qcos_upload_slice.
type SliceOptions struct {
	BizAttr string
	// SliceSize is in bytes, 0 for what the client's options say.
	SliceSize uint64
	// Session is that of the Error of an upload that was broken off, to go on with it.
	Session string
}

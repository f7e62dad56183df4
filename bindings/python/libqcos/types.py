"""The options that calls take, and the replies that they return: dicts, as qcos.h describes them.

For annotations such as `info: libqcos.types.FileInfo`. Keys of replies are only ever added; those that
one API lacks, or that are there only at times, may be missing."""

from __future__ import annotations

from typing import Any, Dict, List, Literal, Optional, TypedDict, Union

# Options


class DerivedOptions(TypedDict, total=False):
    """Of Client.derive."""

    timeout_ms: int
    io_timeout_ms: int
    connect_timeout_ms: int
    retries: int
    parallel: Union[int, Literal["auto"]]
    slice_size: int
    overwrite: bool
    checkpoint_dir: str
    sign_expires_s: int
    failover: bool
    traffic_limit: int


class ClientOptions(DerivedOptions, total=False):
    """Of Client."""

    region: str
    api: Literal["xml", "json"]
    endpoint: str
    addressing: Literal["host", "path", "domain"]
    security_token: str
    credentials: str
    metadata_endpoint: str
    download_endpoint: str
    tls_ca: str
    proxy: str
    user_agent: str
    network: Literal["public", "internal", "accelerate"]
    resolve: Dict[str, str]
    max_bytes_per_s: int


class _KmsKey(TypedDict):
    kms: str
    """The key's id; "" is the service's default key."""


class KmsKey(_KmsKey, total=False):
    context: str
    """A JSON object in Base64."""


class OwnKey(TypedDict):
    c: str
    """32 bytes in Base64, for https only."""


Encryption = Union[Literal["cos"], KmsKey, OwnKey]
"""How the service encrypts a file. XML API."""


class UploadOptions(TypedDict, total=False):
    biz_attr: str
    overwrite: bool
    acl: Literal["private", "public-read", "default"]
    headers: Dict[str, str]
    meta: Dict[str, str]
    sse: Encryption
    on_failure: Literal["keep", "abort"]
    storage_class: str
    tags: Dict[str, str]


class AppendOptions(TypedDict, total=False):
    """Of Client.append."""

    biz_attr: str
    acl: Literal["private", "public-read", "default"]
    headers: Dict[str, str]
    storage_class: str


class StreamUploadOptions(UploadOptions, total=False):
    length: int


class Conditions(TypedDict, total=False):
    """XML API. Times are Unix seconds."""

    version_id: str
    if_match: str
    if_none_match: str
    if_modified_since: int
    if_unmodified_since: int
    sse: Encryption


class UpdateOptions(TypedDict, total=False):
    """What is named is replaced; None removes."""

    biz_attr: str
    acl: Literal["private", "public-read", "default"]
    headers: Dict[str, Optional[str]]
    meta: Dict[str, Optional[str]]
    storage_class: str
    sse: OwnKey


class DeleteOptions(TypedDict, total=False):
    """XML API."""

    version_id: str


class DownloadOptions(Conditions, total=False):
    overwrite: bool


class RangeOptions(Conditions, total=False):
    offset: int
    length: int
    last: int


class _TreeOptions(TypedDict, total=False):
    include: List[str]
    exclude: List[str]
    compare: Literal["content", "size"]
    dry_run: bool
    delete: bool
    times: bool
    modes: bool


class UploadTreeOptions(_TreeOptions, total=False):
    biz_attr: str
    overwrite: bool
    acl: Literal["private", "public-read", "default"]
    headers: Dict[str, str]
    meta: Dict[str, str]
    storage_class: str
    sse: Encryption
    tags: Dict[str, str]


class DownloadTreeOptions(_TreeOptions, total=False):
    overwrite: bool
    sse: Encryption


class CopyOptions(TypedDict, total=False):
    """Of Client.copy_with. XML API."""

    src_region: str
    src_appid: str
    version_id: str
    overwrite: bool
    move: bool
    headers: Dict[str, str]
    tags: Dict[str, str]
    meta: Dict[str, str]
    storage_class: str
    sse: Encryption
    src_sse: OwnKey
    acl: Literal["private", "public-read", "default"]


class CopyTreeOptions(TypedDict, total=False):
    """Of Client.copy_tree. XML API."""

    src_region: str
    src_appid: str
    overwrite: bool
    move: bool
    headers: Dict[str, str]
    tags: Dict[str, str]
    meta: Dict[str, str]
    storage_class: str
    sse: Encryption
    src_sse: OwnKey
    acl: Literal["private", "public-read", "default"]
    include: List[str]
    exclude: List[str]
    compare: Literal["content", "size"]
    dry_run: bool


class RequestOptions(TypedDict, total=False):
    """Of Client.request."""

    query: Dict[str, str]
    headers: Dict[str, str]
    host: Literal["bucket", "service", "ci"]
    idempotent: bool


class PresignOptions(TypedDict, total=False):
    """Of Client.presign."""

    headers: Dict[str, str]
    query: Dict[str, str]
    version_id: str


class FormOptions(TypedDict, total=False):
    """Of Client.post_policy."""

    key: str
    key_prefix: str
    min: int
    max: int
    expires_s: int
    content_type: str
    acl: Literal["private", "public-read", "default"]
    success_status: Literal[200, 201, 204]


Method = Literal["GET", "HEAD", "PUT", "POST", "DELETE"]
Pattern = Literal["eListBoth", "eListDirOnly", "eListFileOnly"]
Order = Literal[0, 1]
FileAcl = Literal["private", "public-read", "default"]
BucketAcl = Literal["private", "public-read", "public-read-write"]
Tier = Literal["Standard", "Expedited", "Bulk"]
Verified = Literal["crc64", "sha1", "md5", "length"]

# Replies. Times are strings of Unix seconds.


class Empty(TypedDict):
    """Of a call that tells nothing but that it has succeeded."""


class Signature(TypedDict):
    sign: str


class Url(TypedDict):
    url: str


class PresignedRequest(TypedDict):
    url: str
    headers: Dict[str, str]


class PresignedForm(TypedDict):
    url: str
    fields: Dict[str, str]


class CreatedFolder(TypedDict, total=False):
    ctime: str
    resource_path: str


class FolderInfo(TypedDict, total=False):
    """In the XML API without times if nobody created it, and empty for the bucket."""

    name: str
    biz_attr: str
    ctime: str
    mtime: str
    resource_path: str


class _Described(TypedDict, total=False):
    biz_attr: str
    ctime: str
    mtime: str
    access_url: str
    source_url: str
    url: str
    resource_path: str
    etag: str
    """XML API."""
    crc64: str
    """XML API, decimal."""
    sha: str
    """JSON API, hex."""
    authority: str
    """JSON API."""
    custom_headers: Dict[str, str]
    """JSON API."""


class _FileSizes(_Described):
    name: str
    filesize: int
    filelen: int


class FileInfo(_FileSizes, total=False):
    """What is only at times there is of the XML API."""

    headers: Dict[str, str]
    """Names in lower case."""
    meta: Dict[str, str]
    """Names without "x-cos-meta-"."""
    storage_class: str
    version_id: str
    """In a bucket that has versions."""
    type: str
    restore: str
    sse: Union[Literal["cos"], Dict[str, str]]
    """Of an encrypted file: "cos", {"kms": id}, or {"c_md5": the MD5 of its owner's own key}."""


class _NamedEntry(TypedDict):
    name: str


class Entry(_NamedEntry, _Described, total=False):
    """A file, or without `filesize` and `delete_marker` a folder."""

    filesize: int
    filelen: int
    unusable: str
    storage_class: str
    """As all below, in a list of versions."""
    version_id: str
    is_latest: bool
    delete_marker: Literal[True]
    """It hides the versions before it."""


class _Page(TypedDict):
    infos: List[Entry]
    has_more: bool


class ListPage(_Page, total=False):
    context: str
    dircount: int
    filecount: int


class _FailedPath(TypedDict):
    path: str
    code: int
    message: str
    service_code: str


class FailedFile(_FailedPath, total=False):
    session: str
    offset: int


class _Count(TypedDict):
    count: int


class ListedPages(_Count, total=False):
    failed: List[FailedFile]


class ListedAll(ListedPages):
    infos: List[Entry]


class _VerifiedUpload(TypedDict):
    access_url: str
    verified: Verified


class Uploaded(_VerifiedUpload, total=False):
    version_id: str
    """In a bucket that has versions, where the service tells it."""
    source_url: str
    url: str
    resource_path: str


class _Tree(TypedDict):
    same: int
    skipped: List[str]
    failed: List[FailedFile]


class Planned(TypedDict):
    """One file of a dry run."""

    path: str
    action: Literal["upload", "download", "copy", "move", "delete"]


class _TreeCounts(_Tree, total=False):
    skipped_more: int
    failed_more: int
    unverified: int
    deleted: int
    plan: List[Planned]
    plan_more: int


class Copied(_VerifiedUpload, total=False):
    source_url: str
    url: str
    resource_path: str
    filesize: int
    crc64: str
    version_id: str


class CopiedTree(_TreeCounts, total=False):
    """`moved` instead of `copied` where that was asked for."""

    copied: int
    moved: int


class UploadedTree(_TreeCounts):
    uploaded: int


class DownloadedTree(_TreeCounts):
    downloaded: int


class _VerifiedDownload(TypedDict):
    filesize: int
    verified: Verified


class Downloaded(_VerifiedDownload, total=False):
    sha: str
    crc64: str
    version_id: str
    """Of what has arrived, in a bucket that has versions."""


class _Received(_VerifiedDownload):
    len: int


class Received(_Received, total=False):
    """What has arrived in memory, or in a file object."""

    etag: str
    version_id: str


class Updated(TypedDict, total=False):
    changed: bool
    """Whether anything was written. XML API."""


class DeletedVersion(TypedDict, total=False):
    """In a bucket that has versions; else empty."""

    version_id: str
    """Of the version that is gone, or of the delete marker that was made."""
    delete_marker: Literal[True]


class Deleted(TypedDict):
    deleted: int
    failed: List[FailedFile]


class Grant(TypedDict):
    grantee: str
    permission: str


class _AclName(TypedDict):
    acl: str


class Acl(_AclName, total=False):
    grants: List[Grant]


class Tags(TypedDict):
    tags: Dict[str, str]


class Restoring(TypedDict):
    state: Literal["started", "in_progress", "restored"]


class Appended(TypedDict):
    position: int


class BucketRegion(TypedDict, total=False):
    region: str


VersioningStatus = Literal["Enabled", "Suspended"]


class Versioning(TypedDict):
    """The status is "" where the bucket never had versions."""

    status: Literal["Enabled", "Suspended", ""]


class DiagnosisStep(TypedDict):
    """An advice is "" where there is nothing to do."""

    step: str
    status: Literal["ok", "warning", "failed", "skipped"]
    message: str
    message_zh: str
    advice: str
    advice_zh: str
    detail: Dict[str, Any]


class Diagnosis(TypedDict):
    ok: bool
    steps: List[DiagnosisStep]


class _Attempt(TypedDict):
    time_ms: int
    attempt: int
    method: str
    host: str
    path: str
    query: str
    status: int
    """0 without an answer."""
    code: int
    sent: int
    received: int
    whole_ms: float


class TraceEvent(_Attempt, total=False):
    """What one attempt at a request has come to; times but for time_ms are milliseconds."""

    request_id: str
    error: str
    retry_in_ms: float
    dns_ms: float
    connect_ms: float
    tunnel_ms: float
    tls_ms: float
    head_ms: float


class Bucket(TypedDict):
    name: str
    region: str
    ctime: str


class Buckets(TypedDict):
    infos: List[Bucket]


class _Session(TypedDict):
    path: str
    session: str
    ctime: str


class UnfinishedUpload(_Session, total=False):
    unusable: str


class UnfinishedUploads(TypedDict):
    infos: List[UnfinishedUpload]


class _Status(TypedDict):
    status: int
    headers: Dict[str, str]


class Answer(_Status, total=False):
    """What the service answers to Client.request."""

    body: str
    body_base64: str
    xml: Dict[str, Any]


class ErrorData(TypedDict, total=False):
    """What a call has brought that failed all the same."""

    session: str
    offset: int
    failed: List[FailedFile]
    deleted: int
    uploaded: int
    downloaded: int
    same: int
    skipped: List[str]
    skipped_more: int
    failed_more: int
    plan: List[Planned]
    plan_more: int
    unverified: int
    delete_marker: Literal[True]
    """A delete marker is there instead."""
    status: int
    headers: Dict[str, str]
    body: str
    xml: Dict[str, Any]


class _Failure(TypedDict):
    name: str
    kind: str
    retryable: bool
    attempts: int


class Failure(_Failure, total=False):
    """`error` of a reply."""

    service_code: str
    request_id: Optional[str]
    trace_id: str


class _FailedReply(TypedDict):
    code: int
    message: str
    httpcode: int
    data: ErrorData


class Reply(_FailedReply, total=False):
    """All of the reply of a call that failed."""

    error: Failure
    request_id: str

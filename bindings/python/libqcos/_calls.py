"""The calls on files, folders, lists, access rights and buckets."""

from __future__ import annotations

import json
from typing import (
    TYPE_CHECKING,
    Any,
    Generator,
    List,
    Mapping,
    Optional,
    Sequence,
    Union,
    overload,
)

from ._call import Page, call, call_with_pages
from ._handle import Handle, options_json
from ._lists import iterate
from .types import (
    Acl,
    Answer,
    Appended,
    AppendOptions,
    BucketAcl,
    BucketRegion,
    Buckets,
    Conditions,
    CreatedFolder,
    Deleted,
    DeletedVersion,
    DeleteOptions,
    Diagnosis,
    Empty,
    Entry,
    FileAcl,
    FileInfo,
    FolderInfo,
    FormOptions,
    ListedAll,
    ListedPages,
    ListPage,
    Method,
    Order,
    Pattern,
    PresignedForm,
    PresignedRequest,
    PresignOptions,
    RequestOptions,
    Restoring,
    Signature,
    Tags,
    Tier,
    UnfinishedUploads,
    Updated,
    UpdateOptions,
    Url,
    Versioning,
    VersioningStatus,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer, Unpack


class Calls(Handle):
    # Signatures

    def sign_more(self, bucket: str, expired: int) -> Signature:
        """`expired`: Unix seconds. JSON API. -> sign"""
        return call(Signature, "qcos_sign_more", self._handle, bucket, expired)

    def sign_once(self, bucket: str, fileid: str) -> Signature:
        """`fileid`: "/appid/bucket/path". JSON API. -> sign"""
        return call(Signature, "qcos_sign_once", self._handle, bucket, fileid)

    def download_url(self, bucket: str, path: str, expires_s: int) -> Url:
        """`expires_s`: seconds from now, 1 to 7776000. -> url"""
        return call(Url, "qcos_download_url", self._handle, bucket, path, expires_s)

    def presign(
        self,
        method: Method,
        bucket: str,
        path: str,
        expires_s: int,
        **options: Unpack[PresignOptions],
    ) -> PresignedRequest:
        """One request that somebody else sends, with headers, query (dicts of str), version_id.
        XML API. -> url, headers (to be sent just so)"""
        options_json = json.dumps(options)
        return call(
            PresignedRequest,
            "qcos_presign",
            self._handle,
            method,
            bucket,
            path,
            expires_s,
            options_json,
        )

    def post_policy(self, bucket: str, **options: Unpack[FormOptions]) -> PresignedForm:
        """A form with which a browser uploads: key or key_prefix, expires_s, and min, max,
        content_type, acl, success_status. XML API. -> url, fields (the file follows them)"""
        options_json = json.dumps(options)
        return call(PresignedForm, "qcos_post_policy", self._handle, bucket, options_json)

    # Folders

    def create_folder(
        self, bucket: str, path: str, biz_attr: Optional[str] = None
    ) -> CreatedFolder:
        """-178 when it is there already. -> ctime, resource_path"""
        return call(CreatedFolder, "qcos_create_folder", self._handle, bucket, path, biz_attr)

    def update_folder(self, bucket: str, path: str, biz_attr: str) -> Empty:
        """Replaces its attribute."""
        return call(Empty, "qcos_update_folder", self._handle, bucket, path, biz_attr)

    def stat_folder(self, bucket: str, path: str) -> FolderInfo:
        """-> name, biz_attr, ctime, mtime (strings of Unix seconds)"""
        return call(FolderInfo, "qcos_stat_folder", self._handle, bucket, path)

    def delete_folder(self, bucket: str, path: str) -> DeletedVersion:
        """-173 when it is not empty."""
        return call(DeletedVersion, "qcos_delete_folder", self._handle, bucket, path)

    def delete_tree(self, bucket: str, path: str) -> Deleted:
        """The folder with everything below it. -> deleted, failed"""
        return call(Deleted, "qcos_delete_tree", self._handle, bucket, path)

    # Lists

    def list(
        self,
        bucket: str,
        path: str,
        num: int = 0,
        pattern: Optional[Pattern] = None,
        order: Order = 0,
        context: Optional[str] = None,
    ) -> ListPage:
        """A page of `num` entries, 0 for 20. -> infos, has_more, context for the next page"""
        return call(ListPage, "qcos_list", self._handle, bucket, path, num, pattern, order, context)

    def prefix_search(
        self,
        bucket: str,
        path: str,
        prefix: str,
        num: int = 0,
        pattern: Optional[Pattern] = None,
        order: Order = 0,
        context: Optional[str] = None,
    ) -> ListPage:
        """As list, of what begins with `prefix`: "2026/a" finds "2026/abc"."""
        listed = (num, pattern, order, context)
        return call(ListPage, "qcos_prefix_search", self._handle, bucket, path, prefix, *listed)

    @overload
    def list_all(
        self, bucket: str, path: str, page: None = None, *, recursive: bool = False
    ) -> ListedAll: ...

    @overload
    def list_all(
        self, bucket: str, path: str, page: Page, *, recursive: bool = False
    ) -> ListedPages: ...

    def list_all(
        self, bucket: str, path: str, page: Optional[Page] = None, *, recursive: bool = False
    ) -> Union[ListedAll, ListedPages]:
        """All entries, up to 1000 to a call of `page`; without it they are `infos`. -> count"""
        return _all(page, "qcos_list_all", self._handle, bucket, path, recursive)

    @overload
    def prefix_search_all(
        self, bucket: str, path: str, prefix: str, page: None = None, *, recursive: bool = False
    ) -> ListedAll: ...

    @overload
    def prefix_search_all(
        self, bucket: str, path: str, prefix: str, page: Page, *, recursive: bool = False
    ) -> ListedPages: ...

    def prefix_search_all(
        self,
        bucket: str,
        path: str,
        prefix: str,
        page: Optional[Page] = None,
        *,
        recursive: bool = False,
    ) -> Union[ListedAll, ListedPages]:
        """As list_all, of what begins with `prefix`; `recursive`: and what is below the found
        folders."""
        return _all(page, "qcos_prefix_search_all", self._handle, bucket, path, prefix, recursive)

    @overload
    def list_versions(
        self, bucket: str, path: str, page: None = None, *, recursive: bool = False
    ) -> ListedAll: ...

    @overload
    def list_versions(
        self, bucket: str, path: str, page: Page, *, recursive: bool = False
    ) -> ListedPages: ...

    def list_versions(
        self, bucket: str, path: str, page: Optional[Page] = None, *, recursive: bool = False
    ) -> Union[ListedAll, ListedPages]:
        """As list_all, of all versions and delete markers, of one file from the newest to the
        oldest. XML API."""
        return _all(page, "qcos_list_versions", self._handle, bucket, path, recursive)

    def versions(
        self, bucket: str, path: str, *, recursive: bool = False
    ) -> Generator[Entry, None, None]:
        """The entries of list_versions one by one, as those of `entries`."""
        with self.derive(timeout_ms=0) as listing:

            def list_versions(page: Page) -> ListedPages:
                return listing.list_versions(bucket, path, page, recursive=recursive)

            yield from iterate(list_versions, listing.cancel)

    def entries(
        self, bucket: str, path: str, *, recursive: bool = False, prefix: Optional[str] = None
    ) -> Generator[Entry, None, None]:
        """The entries of list_all, or of prefix_search_all, one by one, fetched page by page as they
        are asked for; close() ends it early. Of the client's limits all but timeout_ms hold."""
        # Its time would go on while the caller is busy with a page.
        with self.derive(timeout_ms=0) as listing:

            def list_all(page: Page) -> ListedPages:
                return list_pages(listing, bucket, path, page, recursive=recursive, prefix=prefix)

            yield from iterate(list_all, listing.cancel)

    # Files

    def stat_file(self, bucket: str, path: str) -> FileInfo:
        """-> filesize, filelen (bytes), sha, biz_attr, ctime, mtime, access_url, ..."""
        return call(FileInfo, "qcos_stat_file", self._handle, bucket, path)

    def stat_with(self, bucket: str, path: str, **options: Unpack[Conditions]) -> FileInfo:
        """As stat_file, of version_id; XML API: if_match, if_none_match, if_modified_since,
        if_unmodified_since."""
        return call(FileInfo, "qcos_stat_with", self._handle, bucket, path, options_json(options))

    def update_file(self, bucket: str, path: str, biz_attr: str) -> Empty:
        """Replaces its attribute."""
        return call(Empty, "qcos_update_file", self._handle, bucket, path, biz_attr)

    def update_with(self, bucket: str, path: str, **options: Unpack[UpdateOptions]) -> Updated:
        """Replaces what is named of it: biz_attr, acl, headers, meta; XML API: storage_class."""
        return call(Updated, "qcos_update_with", self._handle, bucket, path, options_json(options))

    def delete_file(self, bucket: str, path: str) -> DeletedVersion:
        """-166 or -197 when there is no such file. -> in a bucket that has versions: version_id,
        delete_marker"""
        return call(DeletedVersion, "qcos_delete_file", self._handle, bucket, path)

    def delete_with(
        self, bucket: str, path: str, **options: Unpack[DeleteOptions]
    ) -> DeletedVersion:
        """As delete_file; or, in the XML API, version_id for good."""
        arguments = (self._handle, bucket, path, options_json(options))
        return call(DeletedVersion, "qcos_delete_with", *arguments)

    def delete_files(self, bucket: str, paths: Sequence[str]) -> Deleted:
        """1 to 100000 files. -> deleted, failed"""
        if isinstance(paths, (str, bytes)):
            raise TypeError("qcos_delete_files: paths must be a list of str")
        return call(Deleted, "qcos_delete_files", self._handle, bucket, json.dumps([*paths]))

    def move_file(self, bucket: str, path: str, dst_path: str, *, overwrite: bool = False) -> Empty:
        """Inside its bucket."""
        return call(Empty, "qcos_move_file", self._handle, bucket, path, dst_path, overwrite)

    def copy_file(self, bucket: str, path: str, dst_path: str, *, overwrite: bool = False) -> Empty:
        """Inside its bucket. XML API."""
        return call(Empty, "qcos_copy_file", self._handle, bucket, path, dst_path, overwrite)

    def set_acl(self, bucket: str, path: str, acl: FileAcl) -> Empty:
        """`acl`: "private", "public-read" or "default"."""
        return call(Empty, "qcos_set_acl", self._handle, bucket, path, acl)

    def get_acl(self, bucket: str, path: str) -> Acl:
        """-> acl, and grants where no word says it"""
        return call(Acl, "qcos_get_acl", self._handle, bucket, path)

    def set_tags(self, bucket: str, path: str, tags: Mapping[str, str]) -> Empty:
        """Replaces all of a file's tags, up to 10; {} deletes them. XML API."""
        return call(Empty, "qcos_set_tags", self._handle, bucket, path, json.dumps(dict(tags)))

    def get_tags(self, bucket: str, path: str) -> Tags:
        """XML API. -> tags"""
        return call(Tags, "qcos_get_tags", self._handle, bucket, path)

    def restore_file(
        self, bucket: str, path: str, days: int, tier: Optional[Tier] = None
    ) -> Restoring:
        """Asks for a copy of an archived file that can be downloaded for some days; `tier`:
        "Standard", "Expedited" or "Bulk". XML API. -> state"""
        return call(Restoring, "qcos_restore_file", self._handle, bucket, path, days, tier)

    def append(
        self,
        data: Buffer,
        bucket: str,
        path: str,
        position: int,
        **options: Unpack[AppendOptions],
    ) -> Appended:
        """Appends bytes exactly once, where the file ends; position 0 begins it, and takes biz_attr,
        acl, headers, storage_class. XML API. -> position (of the next)"""
        size = memoryview(data).nbytes
        arguments = (self._handle, data, size, bucket, path, position, options_json(options))
        return call(Appended, "qcos_append", *arguments)

    # Everything else

    def request(
        self,
        bucket: Optional[str],
        path: Optional[str],
        method: Method,
        body: Buffer = b"",
        **request: Unpack[RequestOptions],
    ) -> Answer:
        """One request in the service's own words, with query, headers (dicts of str), host,
        idempotent. XML API. -> status, headers, body or body_base64, xml"""
        request_json = json.dumps({"method": method, **request})
        size = memoryview(body).nbytes
        return call(Answer, "qcos_request", self._handle, bucket, path, request_json, body, size)

    # Buckets

    def create_bucket(self, bucket: str, acl: Optional[BucketAcl] = None) -> Empty:
        """`acl`: "private", "public-read" or "public-read-write". XML API."""
        return call(Empty, "qcos_create_bucket", self._handle, bucket, acl)

    def diagnose(self, bucket: str) -> Diagnosis:
        """What is wrong between this program and the service, step by step. -> ok, steps"""
        return call(Diagnosis, "qcos_diagnose", self._handle, bucket)

    def head_bucket(self, bucket: str) -> BucketRegion:
        """-> region, where the service tells it"""
        return call(BucketRegion, "qcos_head_bucket", self._handle, bucket)

    def set_versioning(self, bucket: str, status: VersioningStatus) -> Empty:
        """Whether it keeps versions of its files: "Enabled" or "Suspended". XML API."""
        return call(Empty, "qcos_set_versioning", self._handle, bucket, status)

    def get_versioning(self, bucket: str) -> Versioning:
        """XML API. -> status, "" where it never had versions"""
        return call(Versioning, "qcos_get_versioning", self._handle, bucket)

    def delete_bucket(self, bucket: str) -> Empty:
        """-173 when it is not empty. XML API."""
        return call(Empty, "qcos_delete_bucket", self._handle, bucket)

    def list_buckets(self) -> Buckets:
        """Of all regions, unless an endpoint is given. XML API. -> infos"""
        return call(Buckets, "qcos_list_buckets", self._handle)

    # Unfinished uploads

    def list_uploads(self, bucket: str, path: str) -> UnfinishedUploads:
        """Unfinished uploads. XML API. -> infos"""
        return call(UnfinishedUploads, "qcos_list_uploads", self._handle, bucket, path)

    def abort_upload(self, bucket: str, path: str, session: str) -> Empty:
        """Drops an unfinished upload. XML API."""
        return call(Empty, "qcos_abort_upload", self._handle, bucket, path, session)


def list_pages(
    client: Calls, bucket: str, path: str, page: Page, *, recursive: bool, prefix: Optional[str]
) -> ListedPages:
    """All entries, or those that begin with a prefix."""
    if prefix is None:
        return client.list_all(bucket, path, page, recursive=recursive)
    return client.prefix_search_all(bucket, path, prefix, page, recursive=recursive)


def _all(page: Optional[Page], name: str, *arguments: Any) -> Union[ListedAll, ListedPages]:
    infos: List[Entry] = []
    seen = infos.extend if page is None else page
    data = call_with_pages(ListedPages, name, *arguments, page=seen)
    if page is not None:
        return data
    all_of_it: ListedAll = {**data, "infos": infos}
    return all_of_it
